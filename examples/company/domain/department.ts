import * as z from 'zod'
import { aggregate, event } from 'dure'

export const DepartmentOpened = event('DepartmentOpened', { name: z.string() })

/** Where employees work. It does not list them: who belongs to it is what each employee knows. */
export const Department = aggregate('Department', {
  state: { name: z.string() },
  events: { DepartmentOpened },
})
  .starts({ DepartmentOpened: (e) => e })
  .evolves({})
  .factory('open', { name: z.string().min(1) }, (input, { emit }) => emit.DepartmentOpened(input))
