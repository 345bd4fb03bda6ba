"""Replay a case: forecasts on past dates, each from what was known then, judged by what happened since."""

from vzforecast.backtesting.backtesting import backtest
from vzforecast.backtesting.result import BacktestResult

__all__ = ["BacktestResult", "backtest"]
