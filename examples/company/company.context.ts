import { context } from 'dure'
import { StaffList } from './app/staff-list.ts'
import { Company } from './contract.ts'
import { Department } from './domain/department.ts'
import { Employee } from './domain/employee.ts'

export const company = context(Company, [Employee, Department, StaffList]).implements({
  commands: {
    openDepartment: Department.commands.open,
    hire: Employee.commands.hire,
    move: Employee.commands.move,
    transfer: Employee.commands.transfer,
    leave: Employee.commands.leave,
  },
  queries: {
    employeeById: ({ id }, reading) => reading.view(StaffList).get(id),
    employees: ({ department }, reading) =>
      reading.view(StaffList).list({ where: { department }, orderBy: 'name' }),
  },
})
