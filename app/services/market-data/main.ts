import "../../packages/kit/observability/tracing";
import { algolabSection } from "../../packages/algolab/config";
import { services } from "../../packages/contract/services";
import { readConfig } from "../../packages/kit/config/read";
import { serviceSections, timeSeriesSection } from "../../packages/kit/config/sections";
import { runService } from "../../packages/kit/main";
import { marketDataSection } from "./config";
import { buildMarketData } from "./service";

void runService(
  services.marketData,
  () =>
    readConfig({
      ...serviceSections(services.marketData),
      timeSeries: timeSeriesSection,
      marketData: marketDataSection,
      algolab: algolabSection,
    }),
  async (kit, config) => {
    await buildMarketData(kit, config);
  },
);
