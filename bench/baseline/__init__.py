"""Plain SQL that does the product's work for one source: what its speed is measured against."""
