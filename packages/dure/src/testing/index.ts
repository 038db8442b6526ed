export { given, type History, type Nothing } from './given.ts'
export { happened, like, stored, type About, type Happened } from './happened.ts'
export type { AnyDecision, Outcome } from './outcome.ts'
export { givenPolicy, issued, type ExpectedCommand, type GivenPolicy, type Reaction } from './given-policy.ts'
export { givenView, type GivenRows } from './given-view.ts'
export {
  givenPublication,
  givenStored,
  givenTranslator,
  type GivenMapping,
  type Mapped,
} from './given-mapping.ts'
export { testWorld, type TestWorld, type TestWorldOptions } from './test-world.ts'
export { ExpectationFailed } from './expectation.ts'
