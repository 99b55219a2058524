import { HttpProblem } from '@libs/http';
import { Passkeys, PasskeysRepository, noteNothing } from '@libs/identity';
import { isId } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository } from '@libs/tenants';
import { Body, Controller, Delete, HttpCode, Param, Post } from '@nestjs/common';

import { type Caller, CurrentCaller } from '../access/caller';
import { objectOf, textOf } from '../people/user-body';
import { Enrolment } from './enrolment.service';
import { passkeySiteOf } from './passkey-site';

const NAME_LENGTH_MAX = 128;

/** The security keys and passkeys of a person. */
@Controller('profile/passkeys')
export class PasskeysController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly passkeys: Passkeys,
    private readonly rows: PasskeysRepository,
    private readonly organizations: OrganizationsRepository,
    private readonly enrolment: Enrolment,
  ) {}

  /** The question for `navigator.credentials.create`. */
  @Post('options')
  @HttpCode(200)
  async options(@CurrentCaller() caller: Caller): Promise<object> {
    return await this.unitOfWork.run(caller.context, async (tx) => {
      const site = passkeySiteOf(caller.tenant, await this.organizations.find(tx));
      return await this.passkeys.registrationOptions(tx, caller.user, site);
    });
  }

  /** Its answer, and a name by which the person knows the key. */
  @Post()
  @HttpCode(201)
  async add(@CurrentCaller() caller: Caller, @Body() given: unknown): Promise<object> {
    const body = objectOf(given);
    const name = textOf(body, 'name') ?? '';
    if (name === '' || [...name].length > NAME_LENGTH_MAX) {
      const why =
        name === '' ? 'name is required' : `name cannot exceed ${String(NAME_LENGTH_MAX)} characters`;
      throw new HttpProblem(400, { extras: { name: why } });
    }
    const added = await this.unitOfWork.run(caller.context, async (tx) => {
      const site = passkeySiteOf(caller.tenant, await this.organizations.find(tx));
      const response: unknown = Reflect.get(body, 'response');
      const credential = await this.passkeys.checkRegistration(tx, caller.user, { site, response });
      // Answered instead of thrown, so that the question is used up.
      const id = credential && (await this.rows.add(tx, { ...credential, userId: caller.user.id, name }));
      if (id === null) {
        noteNothing(tx);
        return null;
      }
      return { id, recoveryCodes: await this.enrolment.added(tx, caller, { passkey: name }) };
    });
    if (added === null) {
      throw new HttpProblem(400, { extras: { response: 'response does not answer the newest question' } });
    }
    const { id, recoveryCodes } = added;
    return { id, name, ...(recoveryCodes === null ? {} : { recovery_codes: recoveryCodes }) };
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<void> {
    await this.unitOfWork.run(caller.context, async (tx) => {
      if (!isId(id) || !(await this.rows.remove(tx, caller.user.id, id))) throw new HttpProblem(404);
      await this.enrolment.removed(tx, caller, { passkey: id });
    });
  }
}
