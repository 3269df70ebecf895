// swift-format-ignore-file
// Data, not code: how the API groups below are encoded. Read by ProtobufSchema, which says what each sign means.

extension ProtobufSchema {
    static let workloads = #"""
        = apps/v1
        ControllerRevision 1?metadata:meta.ObjectMeta 2=data:R 3=revision:l
        ControllerRevisionList 1?metadata:meta.ListMeta 2=items:[]ControllerRevision
        DaemonSet 1?metadata:meta.ObjectMeta 2?spec:DaemonSetSpec 3?status:DaemonSetStatus
        DaemonSetCondition 1=type:s 2=status:s 3?lastTransitionTime:T 4?reason:s 5?message:s
        DaemonSetList 1?metadata:meta.ListMeta 2=items:[]DaemonSet
        DaemonSetSpec 1!selector:meta.LabelSelector 2=template:core.PodTemplateSpec
         3?updateStrategy:DaemonSetUpdateStrategy 4?minReadySeconds:i 6*revisionHistoryLimit:i
        DaemonSetStatus 1=currentNumberScheduled:i 2=numberMisscheduled:i 3=desiredNumberScheduled:i 4=numberReady:i
         5?observedGeneration:l 6?updatedNumberScheduled:i 7?numberAvailable:i 8?numberUnavailable:i
         9*collisionCount:i 10?conditions:[]DaemonSetCondition
        DaemonSetUpdateStrategy 1?type:s 2*rollingUpdate:RollingUpdateDaemonSet
        Deployment 1?metadata:meta.ObjectMeta 2?spec:DeploymentSpec 3?status:DeploymentStatus
        DeploymentCondition 1=type:s 2=status:s 4?reason:s 5?message:s 6?lastUpdateTime:T 7?lastTransitionTime:T
        DeploymentList 1?metadata:meta.ListMeta 2=items:[]Deployment
        DeploymentSpec 1*replicas:i 2!selector:meta.LabelSelector 3=template:core.PodTemplateSpec
         4?strategy:DeploymentStrategy 5?minReadySeconds:i 6*revisionHistoryLimit:i 7?paused:b
         9*progressDeadlineSeconds:i
        DeploymentStatus 1?observedGeneration:l 2?replicas:i 3?updatedReplicas:i 4?availableReplicas:i
         5?unavailableReplicas:i 6?conditions:[]DeploymentCondition 7?readyReplicas:i 8*collisionCount:i
         9*terminatingReplicas:i@33
        DeploymentStrategy 1?type:s 2*rollingUpdate:RollingUpdateDeployment
        ReplicaSet 1?metadata:meta.ObjectMeta 2?spec:ReplicaSetSpec 3?status:ReplicaSetStatus
        ReplicaSetCondition 1=type:s 2=status:s 3?lastTransitionTime:T 4?reason:s 5?message:s
        ReplicaSetList 1?metadata:meta.ListMeta 2=items:[]ReplicaSet
        ReplicaSetSpec 1*replicas:i 2!selector:meta.LabelSelector 3?template:core.PodTemplateSpec 4?minReadySeconds:i
        ReplicaSetStatus 1=replicas:i 2?fullyLabeledReplicas:i 3?observedGeneration:l 4?readyReplicas:i
         5?availableReplicas:i 6?conditions:[]ReplicaSetCondition 7*terminatingReplicas:i@33
        RollingUpdateDaemonSet 1*maxUnavailable:I 2*maxSurge:I@21
        RollingUpdateDeployment 1*maxUnavailable:I 2*maxSurge:I
        RollingUpdateStatefulSetStrategy 1*partition:i 2*maxUnavailable:I@24
        StatefulSet 1?metadata:meta.ObjectMeta 2?spec:StatefulSetSpec 3?status:StatefulSetStatus
        StatefulSetCondition 1=type:s 2=status:s 3?lastTransitionTime:T 4?reason:s 5?message:s
        StatefulSetList 1?metadata:meta.ListMeta 2=items:[]StatefulSet
        StatefulSetOrdinals 1=start:i@26
        StatefulSetPersistentVolumeClaimRetentionPolicy 1?whenDeleted:s@23 2?whenScaled:s@23
        StatefulSetSpec 1*replicas:i 2!selector:meta.LabelSelector 3=template:core.PodTemplateSpec
         4?volumeClaimTemplates:[]core.PersistentVolumeClaim 5=serviceName:s 6?podManagementPolicy:s
         7?updateStrategy:StatefulSetUpdateStrategy 8*revisionHistoryLimit:i 9?minReadySeconds:i@22
         10*persistentVolumeClaimRetentionPolicy:StatefulSetPersistentVolumeClaimRetentionPolicy@23
         11*ordinals:StatefulSetOrdinals@26
        StatefulSetStatus 1?observedGeneration:l 2=replicas:i 3?readyReplicas:i 4?currentReplicas:i
         5?updatedReplicas:i 6?currentRevision:s 7?updateRevision:s 9*collisionCount:i
         10?conditions:[]StatefulSetCondition 11=availableReplicas:i@22
        StatefulSetUpdateStrategy 1?type:s 2*rollingUpdate:RollingUpdateStatefulSetStrategy
        = batch/v1
        CronJob 1?metadata:meta.ObjectMeta@21 2?spec:CronJobSpec@21 3?status:CronJobStatus@21
        CronJobList 1?metadata:meta.ListMeta@21 2=items:[]CronJob@21
        CronJobSpec 1=schedule:s@21 2*startingDeadlineSeconds:l@21 3?concurrencyPolicy:s@21 4*suspend:b@21
         5=jobTemplate:JobTemplateSpec@21 6*successfulJobsHistoryLimit:i@21 7*failedJobsHistoryLimit:i@21
         8*timeZone:s@24
        CronJobStatus 1?active:[]core.ObjectReference@21 4*lastScheduleTime:T@21 5*lastSuccessfulTime:T@21
        Job 1?metadata:meta.ObjectMeta 2?spec:JobSpec 3?status:JobStatus
        JobCondition 1=type:s 2=status:s 3?lastProbeTime:T 4?lastTransitionTime:T 5?reason:s 6?message:s
        JobList 1?metadata:meta.ListMeta 2=items:[]Job
        JobSchedulingConfiguration 1*schedulingPolicy:scheduling/v1alpha3.WorkloadPodGroupSchedulingPolicy@37
         2*schedulingConstraints:scheduling/v1alpha3.WorkloadPodGroupSchedulingConstraints@37
         3*disruptionMode:scheduling/v1alpha3.WorkloadPodGroupDisruptionMode@37
         4?resourceClaims:[]scheduling/v1alpha3.WorkloadPodGroupResourceClaim@37
        JobSpec 1*parallelism:i 2*completions:i 3*activeDeadlineSeconds:l 4*selector:meta.LabelSelector
         5*manualSelector:b 6=template:core.PodTemplateSpec 7*backoffLimit:i 8*ttlSecondsAfterFinished:i
         9*completionMode:s@21 10*suspend:b@21 11*podFailurePolicy:PodFailurePolicy@25 12*backoffLimitPerIndex:i@28
         13*maxFailedIndexes:i@28 14*podReplacementPolicy:s@28 15*managedBy:s@30 16*successPolicy:SuccessPolicy@30
         17*scheduling:JobSchedulingConfiguration@37
        JobStatus 1?conditions:[]JobCondition 2*startTime:T 3*completionTime:T 4?active:i 5?succeeded:i 6?failed:i
         7?completedIndexes:s@21 8*uncountedTerminatedPods:UncountedTerminatedPods@22 9*ready:i@23
         10*failedIndexes:s@28 11*terminating:i@28
        JobTemplateSpec 1?metadata:meta.ObjectMeta@21 2?spec:JobSpec@21
        PodFailurePolicy 1=rules:[]PodFailurePolicyRule@25
        PodFailurePolicyOnExitCodesRequirement 1*containerName:s@25 2=operator:s@25 3=values:[]i@25
        PodFailurePolicyOnPodConditionsPattern 1=type:s@25 2=status:s@25
        PodFailurePolicyRule 1=action:s@25 2*onExitCodes:PodFailurePolicyOnExitCodesRequirement@25
         3?onPodConditions:[]PodFailurePolicyOnPodConditionsPattern@25
        SuccessPolicy 1=rules:[]SuccessPolicyRule@30
        SuccessPolicyRule 1*succeededIndexes:s@30 2*succeededCount:i@30
        UncountedTerminatedPods 1?succeeded:[]s@22 2?failed:[]s@22
        = batch/v1beta1
        CronJob 1?metadata:meta.ObjectMeta 2?spec:CronJobSpec 3?status:CronJobStatus
        CronJobList 1?metadata:meta.ListMeta 2=items:[]CronJob
        CronJobSpec 1=schedule:s 2*startingDeadlineSeconds:l 3?concurrencyPolicy:s 4*suspend:b
         5=jobTemplate:JobTemplateSpec 6*successfulJobsHistoryLimit:i 7*failedJobsHistoryLimit:i 8*timeZone:s@24
        CronJobStatus 1?active:[]core.ObjectReference 4*lastScheduleTime:T 5*lastSuccessfulTime:T@21
        JobTemplate 1?metadata:meta.ObjectMeta 2?template:JobTemplateSpec
        JobTemplateSpec 1?metadata:meta.ObjectMeta 2?spec:batch/v1.JobSpec
        = autoscaling/v1
        CrossVersionObjectReference 1=kind:s 2=name:s 3?apiVersion:s
        HorizontalPodAutoscaler 1?metadata:meta.ObjectMeta 2?spec:HorizontalPodAutoscalerSpec
         3?status:HorizontalPodAutoscalerStatus
        HorizontalPodAutoscalerList 1?metadata:meta.ListMeta 2=items:[]HorizontalPodAutoscaler
        HorizontalPodAutoscalerSpec 1=scaleTargetRef:CrossVersionObjectReference 2*minReplicas:i 3=maxReplicas:i
         4*targetCPUUtilizationPercentage:i
        HorizontalPodAutoscalerStatus 1*observedGeneration:l 2*lastScaleTime:T 3=currentReplicas:i 4=desiredReplicas:i
         5*currentCPUUtilizationPercentage:i
        Scale 1?metadata:meta.ObjectMeta 2?spec:ScaleSpec 3?status:ScaleStatus
        ScaleSpec 1?replicas:i
        ScaleStatus 1=replicas:i 2?selector:s
        = autoscaling/v2
        ContainerResourceMetricSource 1=name:s@23 2=target:MetricTarget@23 3=container:s@23
        ContainerResourceMetricStatus 1=name:s@23 2=current:MetricValueStatus@23 3=container:s@23
        CrossVersionObjectReference 1=kind:s@23 2=name:s@23 3?apiVersion:s@23
        ExternalMetricSource 1=metric:MetricIdentifier@23 2=target:MetricTarget@23
        ExternalMetricStatus 1=metric:MetricIdentifier@23 2=current:MetricValueStatus@23
        HPAScalingPolicy 1=type:s@23 2=value:i@23 3=periodSeconds:i@23
        HPAScalingRules 1*selectPolicy:s@23 2?policies:[]HPAScalingPolicy@23 3*stabilizationWindowSeconds:i@23
         4*tolerance:Q@33
        HorizontalPodAutoscaler 1?metadata:meta.ObjectMeta@23 2?spec:HorizontalPodAutoscalerSpec@23
         3?status:HorizontalPodAutoscalerStatus@23
        HorizontalPodAutoscalerBehavior 1*scaleUp:HPAScalingRules@23 2*scaleDown:HPAScalingRules@23
        HorizontalPodAutoscalerCondition 1=type:s@23 2=status:s@23 3?lastTransitionTime:T@23 4?reason:s@23
         5?message:s@23 6*observedGeneration:l@37
        HorizontalPodAutoscalerList 1?metadata:meta.ListMeta@23 2=items:[]HorizontalPodAutoscaler@23
        HorizontalPodAutoscalerSpec 1=scaleTargetRef:CrossVersionObjectReference@23 2*minReplicas:i@23
         3=maxReplicas:i@23 4?metrics:[]MetricSpec@23 5*behavior:HorizontalPodAutoscalerBehavior@23
        HorizontalPodAutoscalerStatus 1*observedGeneration:l@23 2*lastScaleTime:T@23 3?currentReplicas:i@23
         4=desiredReplicas:i@23 5=currentMetrics:[]MetricStatus@23 6?conditions:[]HorizontalPodAutoscalerCondition@23
        MetricIdentifier 1=name:s@23 2*selector:meta.LabelSelector@23
        MetricSpec 1=type:s@23 2*object:ObjectMetricSource@23 3*pods:PodsMetricSource@23
         4*resource:ResourceMetricSource@23 5*external:ExternalMetricSource@23
         7*containerResource:ContainerResourceMetricSource@23
        MetricStatus 1=type:s@23 2*object:ObjectMetricStatus@23 3*pods:PodsMetricStatus@23
         4*resource:ResourceMetricStatus@23 5*external:ExternalMetricStatus@23
         7*containerResource:ContainerResourceMetricStatus@23
        MetricTarget 1=type:s@23 2*value:Q@23 3*averageValue:Q@23 4*averageUtilization:i@23
        MetricValueStatus 1*value:Q@23 2*averageValue:Q@23 3*averageUtilization:i@23
        ObjectMetricSource 1=describedObject:CrossVersionObjectReference@23 2=target:MetricTarget@23
         3=metric:MetricIdentifier@23
        ObjectMetricStatus 1=metric:MetricIdentifier@23 2=current:MetricValueStatus@23
         3=describedObject:CrossVersionObjectReference@23
        PodsMetricSource 1=metric:MetricIdentifier@23 2=target:MetricTarget@23
        PodsMetricStatus 1=metric:MetricIdentifier@23 2=current:MetricValueStatus@23
        ResourceMetricSource 1=name:s@23 2=target:MetricTarget@23
        ResourceMetricStatus 1=name:s@23 2=current:MetricValueStatus@23
        = policy/v1
        Eviction 1?metadata:meta.ObjectMeta@22 2*deleteOptions:meta.DeleteOptions@22
        PodDisruptionBudget 1?metadata:meta.ObjectMeta@21 2?spec:PodDisruptionBudgetSpec@21
         3?status:PodDisruptionBudgetStatus@21
        PodDisruptionBudgetList 1?metadata:meta.ListMeta@21 2=items:[]PodDisruptionBudget@21
        PodDisruptionBudgetSpec 1*minAvailable:I@21 2*selector:meta.LabelSelector@21 3*maxUnavailable:I@21
         4*unhealthyPodEvictionPolicy:s@26
        PodDisruptionBudgetStatus 1?observedGeneration:l@21 2?disruptedPods:{}T@21 3=disruptionsAllowed:i@21
         4=currentHealthy:i@21 5=desiredHealthy:i@21 6=expectedPods:i@21 7?conditions:[]meta.Condition@21
        = policy/v1beta1
        AllowedCSIDriver 1=name:s
        AllowedFlexVolume 1=driver:s
        AllowedHostPath 1?pathPrefix:s 2?readOnly:b
        Eviction 1?metadata:meta.ObjectMeta 2*deleteOptions:meta.DeleteOptions
        FSGroupStrategyOptions 1?rule:s 2?ranges:[]IDRange
        HostPortRange 1=min:i 2=max:i
        IDRange 1=min:l 2=max:l
        PodDisruptionBudget 1?metadata:meta.ObjectMeta 2?spec:PodDisruptionBudgetSpec
         3?status:PodDisruptionBudgetStatus
        PodDisruptionBudgetList 1?metadata:meta.ListMeta 2=items:[]PodDisruptionBudget
        PodDisruptionBudgetSpec 1*minAvailable:I 2*selector:meta.LabelSelector 3*maxUnavailable:I
         4*unhealthyPodEvictionPolicy:s@26
        PodDisruptionBudgetStatus 1?observedGeneration:l 2?disruptedPods:{}T 3=disruptionsAllowed:i 4=currentHealthy:i
         5=desiredHealthy:i 6=expectedPods:i 7?conditions:[]meta.Condition@21
        PodSecurityPolicy 1?metadata:meta.ObjectMeta 2?spec:PodSecurityPolicySpec
        PodSecurityPolicyList 1?metadata:meta.ListMeta 2=items:[]PodSecurityPolicy
        PodSecurityPolicySpec 1?privileged:b 2?defaultAddCapabilities:[]s 3?requiredDropCapabilities:[]s
         4?allowedCapabilities:[]s 5?volumes:[]s 6?hostNetwork:b 7?hostPorts:[]HostPortRange 8?hostPID:b 9?hostIPC:b
         10=seLinux:SELinuxStrategyOptions 11=runAsUser:RunAsUserStrategyOptions
         12=supplementalGroups:SupplementalGroupsStrategyOptions 13=fsGroup:FSGroupStrategyOptions
         14?readOnlyRootFilesystem:b 15*defaultAllowPrivilegeEscalation:b 16*allowPrivilegeEscalation:b
         17?allowedHostPaths:[]AllowedHostPath 18?allowedFlexVolumes:[]AllowedFlexVolume 19?allowedUnsafeSysctls:[]s
         20?forbiddenSysctls:[]s 21?allowedProcMountTypes:[]s 22*runAsGroup:RunAsGroupStrategyOptions
         23?allowedCSIDrivers:[]AllowedCSIDriver 24*runtimeClass:RuntimeClassStrategyOptions
        RunAsGroupStrategyOptions 1=rule:s 2?ranges:[]IDRange
        RunAsUserStrategyOptions 1=rule:s 2?ranges:[]IDRange
        RuntimeClassStrategyOptions 1=allowedRuntimeClassNames:[]s 2*defaultRuntimeClassName:s
        SELinuxStrategyOptions 1=rule:s 2*seLinuxOptions:core.SELinuxOptions
        SupplementalGroupsStrategyOptions 1?rule:s 2?ranges:[]IDRange
        = scheduling/v1
        PriorityClass 1?metadata:meta.ObjectMeta 2=value:i 3?globalDefault:b 4?description:s 5*preemptionPolicy:s
        PriorityClassList 1?metadata:meta.ListMeta 2=items:[]PriorityClass
        """#
}
