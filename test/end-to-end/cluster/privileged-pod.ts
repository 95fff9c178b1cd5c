/** Everything that the `restricted` Pod Security standard refuses. */
export const privilegedPod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "privileged" },
  spec: {
    hostNetwork: true,
    containers: [
      {
        name: "shell",
        image: "none",
        securityContext: { privileged: true },
        resources: { requests: { cpu: "1m", memory: "1Mi" } },
      },
    ],
  },
};
