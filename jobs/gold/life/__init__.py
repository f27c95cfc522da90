"""Parts of gold.life_cycle: rhythms, states, history and moves."""
