import type { Role } from "../../../packages/contract/authorities";

/** A value that PersonalDataVault encrypted. */
export interface Sealed {
  readonly keyId: string;
  /** Nonce (12 bytes), authentication tag (16 bytes), ciphertext. */
  readonly bytes: Buffer;
}

export const userStatuses = ["ACTIVE", "SUSPENDED", "DEACTIVATED"] as const;
export type UserStatus = (typeof userStatuses)[number];

export interface User {
  readonly userId: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly phoneNumber: string | undefined;
  readonly roles: readonly Role[];
  readonly status: UserStatus;
  readonly createdAt: Date;
}

export interface NewUser extends Omit<User, "status" | "createdAt"> {
  readonly passwordHash: string;
  readonly tckn?: { readonly sealed: Sealed; readonly hash: Buffer };
}

export interface Credentials {
  readonly user: User;
  readonly passwordHash: string;
  /** The user has signed in from this address within thirty days. */
  readonly knownAddress: boolean;
}
