export { given, type History, type Nothing, type Somebody } from './given.ts'
export { happened, like, stored, type About, type Happened } from './happened.ts'
export type { AnyDecision, Outcome } from './outcome.ts'
export {
  givenPolicy,
  issued,
  type ExpectedCommand,
  type GivenPolicy,
  type Issuance,
  type Reaction,
} from './given-policy.ts'
export { givenJob, givenPoller, type GivenJob, type GivenPoller, type RunTold } from './jobs/given-job.ts'
export { givenView, type GivenRows } from './given-view.ts'
export { givenPublication, givenTranslator, type GivenMapping, type Mapped } from './given-mapping.ts'
export { givenStored } from './given-stored.ts'
export { standIn, standIns, type StandIn } from './attached/stand-ins.ts'
export { answering, type GivenAnswer, type ReceivedRequest } from './attached/third-party-stand-in.ts'
export { testWorld, type TestWorld, type TestWorldOptions } from './test-world.ts'
export { unreliable, type UnreliableOptions } from './unreliable.ts'
export { ExpectationFailed } from './expectation.ts'
