extension RunningSandbox {
    /// The workload the stories run on: Deployments under budgets, a StatefulSet, a DaemonSet, a Job.
    static let shop = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop, labels: {app: web}}
        spec:
          replicas: 6
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: web, image: "registry.example/shop/web:2.3", resources: {requests: {cpu: 100m, memory: 64Mi}}}
              topologySpreadConstraints:
              - maxSkew: 1
                topologyKey: topology.kubernetes.io/zone
                whenUnsatisfiable: ScheduleAnyway
                labelSelector: {matchLabels: {app: web}}
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: web, namespace: shop}
        spec: {minAvailable: 4, selector: {matchLabels: {app: web}}}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: cart, namespace: shop, labels: {app: cart}}
        spec:
          replicas: 4
          selector: {matchLabels: {app: cart}}
          template:
            metadata: {labels: {app: cart}}
            spec:
              containers:
              - {name: cart, image: "registry.example/shop/cart:1.9", resources: {requests: {cpu: 50m, memory: 64Mi}}}
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: cart, namespace: shop}
        spec: {maxUnavailable: 1, selector: {matchLabels: {app: cart}}}
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: orders, namespace: shop, labels: {app: orders}}
        spec:
          serviceName: orders
          replicas: 3
          selector: {matchLabels: {app: orders}}
          template:
            metadata: {labels: {app: orders}}
            spec:
              containers:
              - {name: db, image: "registry.example/shop/orders:14.2", resources: {requests: {cpu: 200m, memory: 256Mi}}}
              affinity:
                podAntiAffinity:
                  requiredDuringSchedulingIgnoredDuringExecution:
                  - topologyKey: kubernetes.io/hostname
                    labelSelector: {matchLabels: {app: orders}}
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: orders, namespace: shop}
        spec: {maxUnavailable: 1, selector: {matchLabels: {app: orders}}}
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: log-agent, namespace: shop, labels: {app: log-agent}}
        spec:
          selector: {matchLabels: {app: log-agent}}
          template:
            metadata: {labels: {app: log-agent}}
            spec:
              containers:
              - {name: agent, image: "registry.example/shop/log-agent:0.8"}
        ---
        apiVersion: batch/v1
        kind: Job
        metadata: {name: migrate, namespace: shop}
        spec:
          completions: 1
          backoffLimit: 6
          template:
            metadata:
              labels: {app: migrate}
              annotations: {sandbox.keelstep.dev/run: "5"}
            spec:
              restartPolicy: Never
              containers:
              - {name: migrate, image: "registry.example/shop/migrate:2.3"}

        """
}
