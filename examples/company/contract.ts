import * as z from 'zod'
import { contract, list, object, ref } from 'dure'
import { Address } from './domain/address.ts'

const Employee = { id: ref('Employee'), name: z.string(), address: Address, department: ref('Department') }

export const Company = contract('Company', {
  commands: {
    openDepartment: { name: z.string().min(1) },
    hire: { name: z.string().min(1), address: Address, department: ref('Department') },
    move: { id: ref('Employee'), address: Address },
    transfer: { id: ref('Employee'), to: ref('Department') },
    leave: { id: ref('Employee') },
  },
  rejections: { AlreadyThere: { department: ref('Department') } },
  queries: {
    employeeById: { in: { id: ref('Employee') }, out: Employee },
    employees: { in: { department: ref('Department') }, out: list(object(Employee)) },
  },
})
