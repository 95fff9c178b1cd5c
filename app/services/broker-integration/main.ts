import "../../packages/kit/observability/tracing";
import { services } from "../../packages/contract/services";
import { readConfig } from "../../packages/kit/config/read";
import { runService } from "../../packages/kit/main";
import { brokerIntegrationSections, buildBrokerIntegration } from "./service";

void runService(services.brokerIntegration, () => readConfig(brokerIntegrationSections), buildBrokerIntegration);
