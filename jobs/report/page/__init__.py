"""The parts of the nightly page: facts, charts, Data Docs, templates."""
