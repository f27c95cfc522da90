"""Statistics of experiments on any unit and metric: effects, sequential intervals, designs. They know no table."""
