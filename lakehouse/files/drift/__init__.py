"""How a file differs from those that its export delivered before: forms of values, columns, magnitudes."""
