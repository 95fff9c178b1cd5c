"""Event subscriptions: the service's own, which the emulator does not have."""

from typing import Any

from ministack.services import rds

from .registry import Patch
from .stores import persisted
from .wire import Params, Response, element, elements, numbered, value

event_subscription = Patch(
    "rds.event-subscription",
    resource="aws_db_event_subscription",
    symptom="unknown action CreateEventSubscription",
)

_subscriptions = persisted(event_subscription, rds, "event_subscriptions")


@event_subscription.adds(rds._ACTION_MAP, "CreateEventSubscription")
def create(p: Params) -> Response:
    name = value(p, "SubscriptionName")
    if name in _subscriptions:
        return rds._error("SubscriptionAlreadyExist", f"Subscription {name} already exists.", 400)
    subscription = {
        "CustSubscriptionId": name,
        "CustomerAwsId": rds.get_account_id(),
        "EventSubscriptionArn": f"arn:aws:rds:{rds.get_region()}:{rds.get_account_id()}:es:{name}",
        "Status": "active",
        "SourceIds": numbered(p, "SourceIds.SourceId"),
    }
    _subscriptions[name] = subscription
    _apply(subscription, p)
    rds._tags[subscription["EventSubscriptionArn"]] = rds._parse_tags(p)
    return _answer("CreateEventSubscription", subscription)


@event_subscription.adds(rds._ACTION_MAP, "ModifyEventSubscription")
def modify(p: Params) -> Response:
    subscription = _subscriptions.get(value(p, "SubscriptionName"))
    if subscription is None:
        return _not_found(p)
    _apply(subscription, p)
    return _answer("ModifyEventSubscription", subscription)


@event_subscription.adds(rds._ACTION_MAP, "AddSourceIdentifierToSubscription")
def add_source(p: Params) -> Response:
    subscription = _subscriptions.get(value(p, "SubscriptionName"))
    if subscription is None:
        return _not_found(p)
    subscription["SourceIds"] = [*subscription["SourceIds"], value(p, "SourceIdentifier")]
    return _answer("AddSourceIdentifierToSubscription", subscription)


@event_subscription.adds(rds._ACTION_MAP, "RemoveSourceIdentifierFromSubscription")
def remove_source(p: Params) -> Response:
    subscription = _subscriptions.get(value(p, "SubscriptionName"))
    if subscription is None:
        return _not_found(p)
    gone = value(p, "SourceIdentifier")
    subscription["SourceIds"] = [source for source in subscription["SourceIds"] if source != gone]
    return _answer("RemoveSourceIdentifierFromSubscription", subscription)


@event_subscription.adds(rds._ACTION_MAP, "DescribeEventSubscriptions")
def describe(p: Params) -> Response:
    name = value(p, "SubscriptionName")
    if name and name not in _subscriptions:
        return _not_found(p)
    found = [_subscriptions[name]] if name else list(_subscriptions.values())
    listed = "".join(f"<EventSubscription>{_xml(one)}</EventSubscription>" for one in found)
    return rds._xml(
        200,
        "DescribeEventSubscriptionsResponse",
        "<DescribeEventSubscriptionsResult>"
        f"<EventSubscriptionsList>{listed}</EventSubscriptionsList></DescribeEventSubscriptionsResult>",
    )


@event_subscription.adds(rds._ACTION_MAP, "DeleteEventSubscription")
def delete(p: Params) -> Response:
    subscription = _subscriptions.pop(value(p, "SubscriptionName"), None)
    if subscription is None:
        return _not_found(p)
    rds._tags.pop(subscription["EventSubscriptionArn"], None)
    return _answer("DeleteEventSubscription", subscription)


def _apply(subscription: dict[str, Any], p: Params) -> None:
    subscription.update({name: value(p, name) for name in ("SnsTopicArn", "SourceType") if value(p, name)})
    subscription["Enabled"] = value(p, "Enabled", "true")
    subscription["EventCategories"] = numbered(p, "EventCategories.EventCategory")


def _answer(action: str, subscription: dict[str, Any]) -> Response:
    inner = f"<EventSubscription>{_xml(subscription)}</EventSubscription>"
    return rds._xml(200, f"{action}Response", f"<{action}Result>{inner}</{action}Result>")


def _xml(subscription: dict[str, Any]) -> str:
    texts = {name: text for name, text in subscription.items() if isinstance(text, str)}
    sources = "".join(element("SourceId", source) for source in subscription["SourceIds"])
    categories = "".join(element("EventCategory", category) for category in subscription["EventCategories"])
    return (
        elements(texts)
        + f"<SourceIdsList>{sources}</SourceIdsList><EventCategoriesList>{categories}</EventCategoriesList>"
    )


def _not_found(p: Params) -> Response:
    return rds._error("SubscriptionNotFound", f"Subscription {value(p, 'SubscriptionName')} not found.", 404)
