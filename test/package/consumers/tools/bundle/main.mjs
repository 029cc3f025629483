import express from 'express'
import * as library from 'express-resource-server'
import * as routes from 'express-resource-server/routes'
import * as testing from 'express-resource-server/testing'
import story from '../story.cjs'

story.tell({ express, library, routes, testing }).then(console.log)
