import { build } from './build.mjs'
import { exports } from './exports.mjs'
import { format } from './format.mjs'
import { lint } from './lint.mjs'
import { lock } from './lock.mjs'
import { rules } from './rules.mjs'
import { types } from './types.mjs'
import { unused } from './unused.mjs'

/** In the order they start: the long ones first, so that two at a time end together. */
export const steps = [types, build, rules, lint, exports, unused, format, lock]
