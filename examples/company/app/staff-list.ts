import * as z from 'zod'
import { ref, view } from 'dure'
import { Address } from '../domain/address.ts'
import { EmployeeHired, EmployeeLeft, EmployeeMoved, EmployeeTransferred } from '../domain/employee.ts'

const Row = { id: ref('Employee'), name: z.string(), address: Address, department: ref('Department') }

/** Who works where. */
export const StaffList = view('StaffList', 'id', Row)
  .on(
    EmployeeHired,
    (_, m) => m.id,
    (_, e, m) => ({ id: m.id, ...e }),
  )
  .on(
    EmployeeMoved,
    (_, m) => m.id,
    (row, { address }) => row && { ...row, address },
  )
  .on(
    EmployeeTransferred,
    (_, m) => m.id,
    (row, { to }) => row && { ...row, department: to },
  )
  .on(
    EmployeeLeft,
    (_, m) => m.id,
    () => null,
  )
