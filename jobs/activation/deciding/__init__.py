"""From candidates to decisions: values, outcomes, the sentence of the rule that decided, and when to send."""
