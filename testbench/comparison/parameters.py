"""Parameters of the first fit of a spectrum in a result, and their errors."""

from eclgrmd.model.result import Result

__all__ = ["parameter_error", "parameter_value"]


def parameter_value(name: str, spectrum: int, result: Result) -> float | None:
    """Return the value of a parameter in the fit of a spectrum, by its index."""
    return result.spectra[spectrum].models[0].parameters[name].value


def parameter_error(name: str, spectrum: int, result: Result) -> float | None:
    """Return the larger 1-sigma error of a parameter, or None if it has no error."""
    parameter = result.spectra[spectrum].models[0].parameters[name]
    errors = [error for error in (parameter.err_minus, parameter.err_plus) if error is not None]
    return max(errors, default=None)
