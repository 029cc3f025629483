const { configure } = require('@codegenie/serverless-express')
const express = require('express')
const library = require('express-resource-server')
const routes = require('express-resource-server/routes')
const testing = require('express-resource-server/testing')
const serverless = require('serverless-http')
const { judge, orders } = require('../story.cjs')

const eventWith = (authorization) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: '/orders',
  rawQueryString: '',
  headers: { host: 'api.example.com', ...(authorization !== undefined && { authorization }) },
  requestContext: { http: { method: 'GET', path: '/orders', sourceIp: '192.0.2.1' }, stage: '$default' },
  isBase64Encoded: false,
})

const ask = (handler) => async (authorization) => {
  const { statusCode, headers, body } = await handler(eventWith(authorization), {})
  return { status: statusCode, body: JSON.parse(body), challenge: headers['www-authenticate'] ?? null }
}

async function main() {
  const { app, issuer } = await orders({ express, library, routes, testing })
  await judge(issuer, ask(serverless(app)))
  await judge(issuer, ask(configure({ app })))
  console.log('the story is true')
}

main()
