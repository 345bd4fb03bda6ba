"""Opening a saved forecast."""

from pathlib import Path

from vzforecast.forecast.forecast import Forecast
from vzforecast.forecast.storage import read_parts


def load_forecast(path: str | Path) -> Forecast:
    """Open a saved forecast; every answer is identical to that of the forecast saved.

    Parameters
    ----------
    path : str or Path
        A file written by ``Forecast.save``.

    Returns
    -------
    Forecast
        Without importing PyMC.

    Raises
    ------
    ForecastFileError
        If there is no such file, or it is not a whole saved forecast.

    Examples
    --------
    >>> load_forecast("forecast.nc").scenarios()  # doctest: +SKIP
    """
    return read_parts(Path(path), Forecast)
