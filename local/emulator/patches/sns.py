"""Subscriptions: the ARN of one that is not confirmed yet."""

from ministack.services import sns

from .registry import Handler, Patch
from .wire import Params, Response, rewrite, value

pending_subscription = Patch(
    "sns.pending-subscription",
    resource="aws_sns_topic_subscription",
    symptom="an https subscription is not found: its ARN reads 'pending confirmation'",
)


@pending_subscription.replaces(sns, "_subscribe")
def subscribe(original: Handler, params: Params) -> Response:
    response: Response = original(params)
    if value(params, "ReturnSubscriptionArn") != "true":
        return response
    topic = value(params, "TopicArn")
    newest = next((arn for arn, of in reversed(list(sns._sub_arn_to_topic.items())) if of == topic), "")
    return rewrite(response, lambda body: body.replace("pending confirmation", newest))
