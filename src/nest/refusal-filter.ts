import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import { RefusalException } from './refusal-exception.js'
import { responseOf } from './response-of.js'

/** Answers refusals as this library does everywhere. A filter of the application that takes them comes before it. */
export class RefusalFilter implements ExceptionFilter<RefusalException> {
  catch(exception: RefusalException, host: ArgumentsHost): void {
    const response = responseOf(host)
    // The error of a field is for GraphQL to write.
    if (host.getType<string>() === 'graphql' || response === undefined) throw exception
    exception.refusal.send(response)
  }
}

Catch(RefusalException)(RefusalFilter)
