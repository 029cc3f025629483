import express from 'express'
import * as library from 'express-resource-server'
import * as routes from 'express-resource-server/routes'
import * as testing from 'express-resource-server/testing'
import { tell } from '../story.cjs'

test('the story', async () => {
  expect(await tell({ express, library, routes, testing })).toBe('the story is true')
})
