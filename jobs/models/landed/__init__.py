"""Models of what a company lands itself (leads, credits, deals, machines): trained and scored alike, by purpose."""
