"""Cross-checks of a case, by what they look at; `vzforecast.case.validate` runs them all."""
