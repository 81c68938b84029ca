"""Pictures of the main pages, taken from the demo by `make screenshots`."""
