const express = require('express')
const library = require('express-resource-server')
const routes = require('express-resource-server/routes')
const testing = require('express-resource-server/testing')
const { tell } = require('../story.cjs')

test('the story', async () => {
  expect(await tell({ express, library, routes, testing })).toBe('the story is true')
})

test('loads again after a reset', () => {
  jest.resetModules()
  expect(require('express-resource-server').requireAuth).toBeInstanceOf(Function)
})
