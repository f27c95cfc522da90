"""At which level of the product hierarchy a job looks at what was bought."""
