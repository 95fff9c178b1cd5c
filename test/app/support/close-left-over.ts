import { closeLeftOver } from "./left-over";

afterAll(closeLeftOver);
