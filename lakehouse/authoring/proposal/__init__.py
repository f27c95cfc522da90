"""A proposal for an export's YAML, made from a file of any supplier: what `lakehouse new-export` writes."""

from lakehouse.authoring.proposal.writing import Proposal, proposal

__all__ = ["Proposal", "proposal"]
