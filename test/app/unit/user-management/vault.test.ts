import { randomBytes } from "node:crypto";
import fc from "fast-check";
import {
  lookupHash,
  parseEncryptionKeys,
  PersonalDataVault,
} from "../../../../app/services/user-management/crypto/personal-data-vault";

const older = { id: "2025", key: randomBytes(32) };
const newer = { id: "2026", key: randomBytes(32) };

describe("the vault of personal data", () => {
  test("gives back what it was given, to its owner only", () => {
    const vault = new PersonalDataVault([newer]);
    fc.assert(
      fc.property(fc.string(), fc.uuid(), fc.uuid(), (text, owner, other) => {
        fc.pre(owner !== other);
        const sealed = vault.seal(owner, text);
        expect(vault.open(owner, sealed)).toBe(text);
        expect(() => vault.open(other, sealed)).toThrow();
      }),
    );
  });

  test("notices any changed bit", () => {
    const vault = new PersonalDataVault([newer]);
    const sealed = vault.seal("owner", "10000000146");
    for (let byte = 0; byte < sealed.bytes.length; byte += 1) {
      const bytes = Buffer.from(sealed.bytes);
      bytes.writeUInt8(bytes.readUInt8(byte) ^ 1, byte);
      expect(() => vault.open("owner", { ...sealed, bytes })).toThrow();
    }
  });

  test("ASVS 13.3.4: opens what older keys sealed, and seals with the first", () => {
    const sealed = new PersonalDataVault([older]).seal("owner", "text");
    const rotated = new PersonalDataVault([newer, older]);
    expect(rotated.open("owner", sealed)).toBe("text");
    expect(rotated.seal("owner", "text").keyId).toBe("2026");
    expect(() => new PersonalDataVault([newer]).open("owner", sealed)).toThrow(
      /encryption key 2025 is not configured; add it to DATA_ENCRYPTION_KEYS/,
    );
  });

  test("never encrypts twice alike", () => {
    const vault = new PersonalDataVault([newer]);
    expect(vault.seal("owner", "text").bytes).not.toEqual(vault.seal("owner", "text").bytes);
  });
});

describe("encryption keys", () => {
  const base64 = newer.key.toString("base64");

  test("are read in order", () => {
    expect(parseEncryptionKeys(`a:${base64}, b:${base64}`).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  test.each([
    [`a:${base64},a:${base64}`, /names an id twice/],
    ["a:c2hvcnQ=", /entry 1 is not usable; expected id:base64 of exactly 32 bytes/],
    [`a:${base64},${base64}`, /entry 2 is not usable/],
  ])("are refused when they cannot be used, without being repeated", (text, problem) => {
    expect(() => parseEncryptionKeys(text)).toThrow(problem);
    expect(() => parseEncryptionKeys(text)).not.toThrow(base64);
  });
});

describe("a lookup hash", () => {
  test("is the same for the same value, and another for another purpose or secret", () => {
    const hash = lookupHash("secret", "tckn", "10000000146");
    expect(lookupHash("secret", "tckn", "10000000146")).toEqual(hash);
    expect(lookupHash("secret", "email", "10000000146")).not.toEqual(hash);
    expect(lookupHash("other", "tckn", "10000000146")).not.toEqual(hash);
  });
});
