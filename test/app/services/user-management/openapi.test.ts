import { createTestDatabase } from "../../support/postgres";
import { startUserManagement } from "../../support/users";

test("the API of user-management is what its clients know", async () => {
  const database = await createTestDatabase();
  const service = await startUserManagement(database);
  const { body } = await service.call("GET", "/openapi.json");
  await service.stop();
  await database.drop();
  expect(body).toMatchSnapshot();
});
