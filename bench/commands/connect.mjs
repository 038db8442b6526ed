import { connect as poolOn } from '../servers/postgres.mjs'

/** Connections that each contestant may have. */
export const POOL = 10

/** A pool of our own on the server that all share. */
export const connect = (connection, max = POOL) => poolOn(connection, max)
