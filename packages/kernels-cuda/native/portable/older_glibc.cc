// Empty until the linked binary says what it needs.
