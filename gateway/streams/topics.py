"""TOPICS: one per stage, made by us with the partitions that the order needs; Faust makes none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from gateway.limits import KAFKA_REQUEST_SECONDS
from gateway.streams.connection import BrokerUnavailable, KafkaTerms

# Claim checks are worth nothing once they are done, and PostgreSQL can publish them again.
_RETENTION_MS = 7 * 24 * 3600 * 1000


def topic_of(terms: KafkaTerms, stage: str) -> str:
    """The topic of a stage."""
    return f"{terms.prefix}.{stage}"


async def ensure_topics(terms: KafkaTerms, stages: Iterable[str]) -> None:
    """Make the topics of these stages where they do not exist; raises BrokerUnavailable."""
    options = {"retention.ms": str(_RETENTION_MS), "cleanup.policy": "delete"}
    await make_topics(terms, [topic_of(terms, stage) for stage in stages], options)


async def make_topics(terms: KafkaTerms, names: Iterable[str], options: Mapping[str, str]) -> None:
    """Make those that do not exist; raises BrokerUnavailable."""
    topics = [
        NewTopic(name, terms.partitions, terms.replication, topic_configs=dict(options))
        for name in names
    ]
    admin = AIOKafkaAdminClient(
        **terms.options(), request_timeout_ms=int(KAFKA_REQUEST_SECONDS * 1000)
    )
    try:
        await admin.start()
        answer = await admin.create_topics(topics)
    except (KafkaError, OSError) as error:
        raise BrokerUnavailable(type(error).__name__) from None
    finally:
        await admin.close()
    for _topic, code, *_rest in answer.topic_errors:
        problem = for_code(code)
        if code and problem is not TopicAlreadyExistsError:
            raise BrokerUnavailable(problem.__name__)
