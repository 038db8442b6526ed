import { givenView, happened } from 'dure/testing'
import { test } from 'vitest'
import { EmployeeHired, EmployeeLeft, EmployeeMoved, EmployeeTransferred } from '../domain/employee.ts'
import { StaffList } from './staff-list.ts'

const seoul = { zipcode: '04524', addr1: 'Sejong-daero 110' }
const busan = { zipcode: '47545', addr1: 'Jungang-daero 1001' }
const hired = (id: string, department: string) =>
  happened(EmployeeHired, { name: id, address: seoul, department }, { id })

test('the staff list follows every employee, until they leave', () => {
  givenView(
    StaffList,
    hired('kim', 'sales'),
    hired('lee', 'sales'),
    happened(EmployeeMoved, { address: busan }, { id: 'kim' }),
    happened(EmployeeTransferred, { from: 'sales', to: 'research' }, { id: 'kim' }),
    happened(EmployeeLeft, {}, { id: 'lee' }),
  ).thenRows({ id: 'kim', name: 'kim', address: busan, department: 'research' })
})
