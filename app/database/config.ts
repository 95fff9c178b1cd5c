import { databaseSection } from "../packages/kit/config/sections";
import type { DatabaseConfig } from "../packages/kit/config/sections";
import { section } from "../packages/kit/config/read";
import { maybe, secret, text } from "../packages/kit/config/variables";

/** Who prepares the database; the services' user when nothing else is said. */
export interface OwnerConfig {
  readonly username?: string;
  readonly password?: string;
  readonly readonlyPassword?: string;
}

/** Variables of the commands that change the database, beside those of `databaseSection`. */
export const ownerSection = section(
  {
    DB_OWNER_USERNAME: maybe(text("the user that owns the tables")),
    DB_OWNER_PASSWORD: maybe(secret("the owner's password, or its file in DB_OWNER_PASSWORD_FILE")),
    DB_READONLY_PASSWORD: maybe(secret("readonly_user's password, or its file in DB_READONLY_PASSWORD_FILE")),
  },
  (values): OwnerConfig => ({
    username: values.DB_OWNER_USERNAME,
    password: values.DB_OWNER_PASSWORD,
    readonlyPassword: values.DB_READONLY_PASSWORD,
  }),
);

export const databaseCommandSections = { database: databaseSection, owner: ownerSection };

/** The connection of the role that owns the tables. */
export const asOwner = (database: DatabaseConfig, owner: OwnerConfig): DatabaseConfig => ({
  ...database,
  username: owner.username ?? database.username,
  password: owner.password ?? database.password,
});
