"""What a mutant left as it was: predicates over a trial, measured wherever something can be measured."""
