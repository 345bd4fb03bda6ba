"""What someone judges or bets on an event: evidence that is no row of the model."""

from typing import Annotated, ClassVar

from pydantic import Field

from vzforecast.evidence.base import Evidence, Label
from vzforecast.inputs.declared import Positive, Share

Chance = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


class LikelihoodJudgement(Evidence):
    r"""How much likelier a report is if an event happens than if it does not: virtual evidence.

    With :math:`r` the ratio, :math:`P(E)` becomes :math:`r P(E) / (r P(E) + 1 - P(E))`. Judgements of this kind
    commute, provided that the report is not also a row.

    Attributes
    ----------
    id, date, published, headline, source, confidence, note
        As in `Evidence`.
    event : str
        Text of the event, such as ``"ever(sanctions = re_escalated) by 2025-06-30"``.
    ratio : float
        Likelihood ratio, above 0; 1 says nothing.

    Raises
    ------
    EvidenceError
        A field is at fault.

    References
    ----------
    J. Pearl, *Probabilistic Reasoning in Intelligent Systems*, 1988, section 2.2.2.

    Examples
    --------
    >>> event = "ever(deportation_flights = halted) by 2025-06-30"
    >>> LikelihoodJudgement(event=event, ratio=3.0, date="2025-02-20").is_row
    False
    """

    type: ClassVar[str] = "likelihood_judgement"
    is_row: ClassVar[bool] = False

    event: Label
    ratio: Positive


class ProbabilityJudgement(Evidence):
    """The probability that someone puts on an event after all they know: Jeffrey's rule sets it.

    Judgements of this kind do not commute: the last one sets the probability of its event.

    Attributes
    ----------
    id, date, published, headline, source, confidence, note
        As in `Evidence`.
    event : str
        Text of the event.
    probability : float
        Above 0 and below 1.

    Raises
    ------
    EvidenceError
        A field is at fault.

    References
    ----------
    R. C. Jeffrey, *The Logic of Decision*, 1965, chapter 11.

    Examples
    --------
    >>> event = "ever(sanctions = re_escalated) by 2025-06-30"
    >>> ProbabilityJudgement(event=event, probability=0.8, date="2025-02-20").probability
    0.8
    """

    type: ClassVar[str] = "probability_judgement"
    is_row: ClassVar[bool] = False

    event: Label
    probability: Chance


class MarketQuote(Evidence):
    r"""The probability that a market puts on an event, pooled with the forecast's own in log-odds.

    With :math:`w` the weight and :math:`m` the quote,
    :math:`\operatorname{logit} P(E) \leftarrow (1 - w) \operatorname{logit} P(E) + w \operatorname{logit} m`.

    Attributes
    ----------
    id, date, published, headline, source, confidence, note
        As in `Evidence`.
    event : str
        Text of the event.
    probability : float
        The quote, above 0 and below 1.
    platform : str
        The market.
    weight : float
        Weight of the market, from 0 to 1.

    Raises
    ------
    EvidenceError
        A field is at fault.

    Examples
    --------
    >>> event = "ever(maduro_exit = out) by 2025-12-31"
    >>> MarketQuote(event=event, probability=0.12, platform="Exchange", date="2025-02-20").weight
    0.3
    """

    type: ClassVar[str] = "market_quote"
    is_row: ClassVar[bool] = False

    event: Label
    probability: Chance
    platform: Label
    weight: Share = 0.3
