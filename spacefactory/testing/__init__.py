"""For plugin authors and for our own tests: tiny models, contracts, an emulated Hub."""
