import * as z from 'zod'
import { aggregate, event, ref } from 'dure'
import { Address } from './address.ts'
import { Department } from './department.ts'

const Person = { name: z.string().min(1), address: Address, department: ref(Department) }

export const EmployeeHired = event('EmployeeHired', Person)
export const EmployeeMoved = event('EmployeeMoved', { address: Address })
export const EmployeeTransferred = event('EmployeeTransferred', {
  from: ref(Department),
  to: ref(Department),
})
export const EmployeeLeft = event('EmployeeLeft', {})

/**
 * An entity: it stays the same employee, whatever changes of it. It is made up of an address, a value that is
 * replaced as a whole, and refers to a department, an aggregate of its own, by its id.
 */
export const Employee = aggregate('Employee', {
  state: Person,
  events: { EmployeeHired, EmployeeMoved, EmployeeTransferred, EmployeeLeft },
  rejections: { AlreadyThere: { department: ref(Department) } },
})
  .starts({ EmployeeHired: (e) => e })
  .ends('EmployeeLeft')
  .evolves({
    EmployeeMoved: (employee, { address }) => ({ ...employee, address }),
    EmployeeTransferred: (employee, { to }) => ({ ...employee, department: to }),
  })
  .factory('hire', Person, (input, { emit }) => emit.EmployeeHired(input))
  .command('move', { address: Address }, (employee, { address }, { emit }) =>
    employee.address.equals(address) ? [] : emit.EmployeeMoved({ address }),
  )
  .command('transfer', { to: ref(Department) }, (employee, { to }, { emit, reject }) =>
    employee.department === to
      ? reject('AlreadyThere', { department: to })
      : emit.EmployeeTransferred({ from: employee.department, to }),
  )
  .command('leave', {}, (_, __, { emit }) => emit.EmployeeLeft({}))
