"""Commands of the activation room: audiences, triggers, and why a customer was contacted."""
