import { entry } from './entry.ts'

/** Errors of the bus between contexts and the adapters that speak to brokers. */
export const transportErrors = {
  DURE_TRANSPORT_UNAVAILABLE: entry<{ transport: string; reason: string }>({
    kind: 'unavailable',
    about:
      'The broker did not answer or refused the connection. Nothing is lost: events stay in the log of their context and are published when the broker answers again.',
    message: (d) => `The transport ${d.transport} cannot be reached: ${d.reason}`,
    hint: () => 'Check that the broker runs and that its URL and credentials are right. Dure keeps trying.',
  }),
  DURE_TRANSPORT_UNSUITABLE: entry<{ transport: string; reason: string }>({
    kind: 'misuse',
    about:
      'What the broker has is not set up as Dure asked for: a stream or topic that would drop messages, a server that is too old, a feature that is off.',
    message: (d) => `The transport ${d.transport} is not suitable: ${d.reason}.`,
    hint: () => 'Change the stream, the topic or the server as the message says, or let Dure make it anew.',
  }),
  DURE_TRANSPORT_CLOSED: entry<{ transport: string }>({
    kind: 'unavailable',
    about: 'A transport was used after it had been closed, usually by work that outlived a shutdown.',
    message: (d) => `The transport ${d.transport} is closed.`,
    hint: () => 'Close the transport last, when nothing uses it any more.',
  }),
  DURE_TOPIC_INVALID: entry<{ topic: string; reason: string }>({
    kind: 'misuse',
    about: 'A topic was opened under a name, or with a number of partitions, that not every broker can hold.',
    message: (d) => `The topic ${JSON.stringify(d.topic)} cannot be opened: ${d.reason}.`,
    hint: () =>
      'Letters, digits, _ and - make a name, with dots between parts; 16 partitions are the default.',
  }),
  DURE_MESSAGE_UNPUBLISHABLE: entry<{ topic: string; id: string; reason: string }>({
    kind: 'misuse',
    about:
      'A message was handed to a transport that no broker could keep as it is. None of its batch was published.',
    message: (d) => `The message ${JSON.stringify(d.id)} cannot be published to ${d.topic}: ${d.reason}.`,
    hint: () => 'Check what makes the message: its partition, its id and its body.',
  }),
  DURE_MESSAGE_TOO_LARGE: entry<{ topic: string; id: string; bytes: number; limit: number }>({
    kind: 'too-large',
    about:
      'The body of a message is larger than the broker takes. None of its batch was published; trying again does not help.',
    message: (d) =>
      `The message ${JSON.stringify(d.id)} for ${d.topic} has ${d.bytes} bytes; the broker takes ${d.limit}.`,
    hint: () =>
      'Publish less in one event, or raise the limit of the broker (max_payload of a NATS server, max.message.bytes of a topic of Kafka).',
  }),
  DURE_TOPIC_FOREIGN: entry<{ topic: string; context: string; epoch: string }>({
    kind: 'corrupt',
    about:
      'Two logs are published into one topic: a context is started twice under one name, on two databases and one broker. Events of the other log are passed over, and those of the right one are read from it where the topic leaves a gap.',
    message: (d) =>
      `The topic ${d.topic} carries events of an epoch that the log of ${d.context} does not know, ${d.epoch}.`,
    hint: (d) =>
      `See where else ${d.context} runs: give that system another name or another broker, or this process the right URL of ${d.context}.`,
  }),
  DURE_TOPIC_AHEAD: entry<{ topic: string; position: number }>({
    kind: 'corrupt',
    about:
      'The last event in a topic is not in the log that it was published from. The database was put back to an earlier day in a way that it does not show (a copy of its folder), so positions are used again. Nothing is published until the log has a new epoch.',
    message: (d) => `The topic ${d.topic} ends with the event ${d.position}, which its log does not hold.`,
    hint: () => 'Run dure admin restored: the log begins a new epoch, and what it holds is published.',
  }),
  DURE_MESSAGE_INVALID: entry<{ transport: string; reason: string }>({
    kind: 'invalid',
    about:
      'A message on the bus is not one that Dure publishes: not a CloudEvents 1.0 event in JSON, or without the attributes that say where it stands in its log.',
    message: (d) => `A message of ${d.transport} cannot be read: ${d.reason}.`,
    hint: () => 'Look for another program that publishes to the subjects or topics of the system.',
  }),
} as const
