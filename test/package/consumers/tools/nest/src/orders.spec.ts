import * as library from 'express-resource-server'
import { AuthError, getAuth, type Auth } from 'express-resource-server'
import * as routes from 'express-resource-server/routes'
import * as testing from 'express-resource-server/testing'
import express = require('express')
import { tell } from '../../story.cjs'

// What a handler behind a guard sees, typed.
export const subjectOf = (req: express.Request<{ id: string }>): string | undefined => {
  const auth: Auth = getAuth(req)
  return auth.subject
}

test('the story', async () => {
  expect(AuthError.name).toBe('AuthError')
  expect(await tell({ express, library, routes, testing })).toBe('the story is true')
})
