// swift-format-ignore-file
// Data, not code: how the API groups below are encoded. Read by ProtobufSchema, which says what each sign means.

extension ProtobufSchema {
    static let resources = #"""
        = storage/v1
        CSIDriver 1?metadata:meta.ObjectMeta 2=spec:CSIDriverSpec
        CSIDriverList 1?metadata:meta.ListMeta 2=items:[]CSIDriver
        CSIDriverSpec 1*attachRequired:b 2*podInfoOnMount:b 3?volumeLifecycleModes:[]s 4*storageCapacity:b
         5*fsGroupPolicy:s 6?tokenRequests:[]TokenRequest 7*requiresRepublish:b 8*seLinuxMount:b@25
         9*nodeAllocatableUpdatePeriodSeconds:l@33 10*serviceAccountTokenInSecrets:b@35
         11*preventPodSchedulingIfMissing:b@36
        CSINode 1?metadata:meta.ObjectMeta 2=spec:CSINodeSpec 3?status:CSINodeStatus@37
        CSINodeDriver 1=name:s 2=nodeID:s 3=topologyKeys:[]s 4*allocatable:VolumeNodeResources
        CSINodeList 1?metadata:meta.ListMeta 2=items:[]CSINode
        CSINodeSpec 1=drivers:[]CSINodeDriver
        CSINodeStatus 1?storageHealth:[]StorageHealth@37
        CSIStorageCapacity 1?metadata:meta.ObjectMeta@24 2*nodeTopology:meta.LabelSelector@24 3=storageClassName:s@24
         4*capacity:Q@24 5*maximumVolumeSize:Q@24
        CSIStorageCapacityList 1?metadata:meta.ListMeta@24 2=items:[]CSIStorageCapacity@24
        StorageClass 1?metadata:meta.ObjectMeta 2=provisioner:s 3?parameters:{}s 4*reclaimPolicy:s 5?mountOptions:[]s
         6*allowVolumeExpansion:b 7*volumeBindingMode:s 8?allowedTopologies:[]core.TopologySelectorTerm
        StorageClassList 1?metadata:meta.ListMeta 2=items:[]StorageClass
        StorageHealth 1=name:s@37 2?healthConditions:[]StorageHealthCondition@37
        StorageHealthCondition 1=status:s@37 2=reason:s@37 3?message:s@37 4*accessMode:s@37 5*volumeMode:s@37
         6?lastTransitionTime:T@37
        TokenRequest 1=audience:s 2*expirationSeconds:l
        VolumeAttachment 1?metadata:meta.ObjectMeta 2=spec:VolumeAttachmentSpec 3?status:VolumeAttachmentStatus
        VolumeAttachmentList 1?metadata:meta.ListMeta 2=items:[]VolumeAttachment
        VolumeAttachmentSource 1*persistentVolumeName:s 2*inlineVolumeSpec:core.PersistentVolumeSpec
        VolumeAttachmentSpec 1=attacher:s 2=source:VolumeAttachmentSource 3=nodeName:s
        VolumeAttachmentStatus 1=attached:b 2?attachmentMetadata:{}s 3*attachError:VolumeError
         4*detachError:VolumeError
        VolumeAttributesClass 1?metadata:meta.ObjectMeta@34 2=driverName:s@34 3?parameters:{}s@34
        VolumeAttributesClassList 1?metadata:meta.ListMeta@34 2=items:[]VolumeAttributesClass@34
        VolumeError 1?time:T 2?message:s 3*errorCode:i@33
        VolumeNodeResources 1*count:i
        = resource/v1
        AllocatedDeviceStatus 1=driver:s@34 2=pool:s@34 3=device:s@34 4=conditions:[]meta.Condition@34 5*data:R@34
         6*networkData:NetworkDeviceData@34 7*shareID:s@34
        AllocationResult 1?devices:DeviceAllocationResult@34 3*nodeSelector:core.NodeSelector@34
         5*allocationTimestamp:T@34
        CELDeviceSelector 1=expression:s@34
        CapacityRequestPolicy 1!default:Q@34 3?validValues:[]Q@34 4*validRange:CapacityRequestPolicyRange@34
        CapacityRequestPolicyRange 1*min:Q@34 2*max:Q@34 3*step:Q@34
        CapacityRequirements 1?requests:{}Q@34
        Counter 1=value:Q@34
        CounterSet 1=name:s@34 2?counters:{}Counter@34
        Device 1=name:s@34 2?attributes:{}DeviceAttribute@34 3?capacity:{}DeviceCapacity@34
         4?consumesCounters:[]DeviceCounterConsumption@34 5*nodeName:s@34 6*nodeSelector:core.NodeSelector@34
         7*allNodes:b@34 8?taints:[]DeviceTaint@34 9*bindsToNode:b@34 10?bindingConditions:[]s@34
         11?bindingFailureConditions:[]s@34 12*allowMultipleAllocations:b@34
         13?nodeAllocatableResourceMappings:{}NodeAllocatableResourceMapping@36
         14?nodeAllocatableResources:{}NodeAllocatableResource@37
        DeviceAllocationConfiguration 1=source:s@34 2?requests:[]s@34 3+:DeviceConfiguration@34
        DeviceAllocationResult 1?results:[]DeviceRequestAllocationResult@34
         2?config:[]DeviceAllocationConfiguration@34
        DeviceAttribute 2*int:l@34 3*bool:b@34 4*string:s@34 5*version:s@34 6?ints:[]l@36 7?bools:[]b@36
         8?strings:[]s@36 9?versions:[]s@36
        DeviceCapacity 1=value:Q@34 2*requestPolicy:CapacityRequestPolicy@34
        DeviceClaim 1=requests:[]DeviceRequest@34 2?constraints:[]DeviceConstraint@34
         3?config:[]DeviceClaimConfiguration@34
        DeviceClaimConfiguration 1?requests:[]s@34 2+:DeviceConfiguration@34
        DeviceClass 1?metadata:meta.ObjectMeta@34 2=spec:DeviceClassSpec@34
        DeviceClassConfiguration 1+:DeviceConfiguration@34
        DeviceClassList 1?metadata:meta.ListMeta@34 2=items:[]DeviceClass@34
        DeviceClassSpec 1?selectors:[]DeviceSelector@34 2?config:[]DeviceClassConfiguration@34
         4*extendedResourceName:s@34
        DeviceConfiguration 1*opaque:OpaqueDeviceConfiguration@34
        DeviceConstraint 1?requests:[]s@34 2*matchAttribute:s@34 3*distinctAttribute:s@34
        DeviceCounterConsumption 1=counterSet:s@34 2?counters:{}Counter@34
        DeviceRequest 1=name:s@34 2*exactly:ExactDeviceRequest@34 3?firstAvailable:[]DeviceSubRequest@34
        DeviceRequestAllocationResult 1=request:s@34 2=driver:s@34 3=pool:s@34 4=device:s@34 5*adminAccess:b@34
         6?tolerations:[]DeviceToleration@34 7?bindingConditions:[]s@34 8?bindingFailureConditions:[]s@34
         9*shareID:s@34 10?consumedCapacity:{}Q@34 11?skipNodeOperations:[]s@37
        DeviceSelector 1*cel:CELDeviceSelector@34
        DeviceSubRequest 1=name:s@34 2=deviceClassName:s@34 3?selectors:[]DeviceSelector@34 4?allocationMode:s@34
         5?count:l@34 6?tolerations:[]DeviceToleration@34 7*capacity:CapacityRequirements@34
        DeviceTaint 1=key:s@34 2?value:s@34 3=effect:s@34 4*timeAdded:T@34
        DeviceTaintRule 1?metadata:meta.ObjectMeta@37 2=spec:DeviceTaintRuleSpec@37 3?status:DeviceTaintRuleStatus@37
        DeviceTaintRuleList 1?metadata:meta.ListMeta@37 2=items:[]DeviceTaintRule@37
        DeviceTaintRuleSpec 1*deviceSelector:DeviceTaintSelector@37 2?taint:DeviceTaint@37
        DeviceTaintRuleStatus 1?conditions:[]meta.Condition@37
        DeviceTaintSelector 2*driver:s@37 3*pool:s@37 4*device:s@37
        DeviceToleration 1?key:s@34 2?operator:s@34 3?value:s@34 4?effect:s@34 5*tolerationSeconds:l@34
        ExactDeviceRequest 1=deviceClassName:s@34 2?selectors:[]DeviceSelector@34 3?allocationMode:s@34 4?count:l@34
         5*adminAccess:b@34 6?tolerations:[]DeviceToleration@34 7*capacity:CapacityRequirements@34
        NetworkDeviceData 1?interfaceName:s@34 2?ips:[]s@34 3?hardwareAddress:s@34
        NodeAllocatableMapping 1*capacityKey:s@37 2*capacityMultiplier:Q@37 3*deviceMultiplier:Q@37
        NodeAllocatableOverhead 1*perPod:Q@37 2*perContainer:Q@37
        NodeAllocatableResource 3*mapping:NodeAllocatableMapping@37 4*overhead:NodeAllocatableOverhead@37
        NodeAllocatableResourceMapping 1*capacityKey:s@36 2*allocationMultiplier:Q@36
        OpaqueDeviceConfiguration 1=driver:s@34 2=parameters:R@34
        ResourceClaim 1?metadata:meta.ObjectMeta@34 2=spec:ResourceClaimSpec@34 3?status:ResourceClaimStatus@34
        ResourceClaimConsumerReference 1?apiGroup:s@34 3=resource:s@34 4=name:s@34 5=uid:s@34
        ResourceClaimList 1?metadata:meta.ListMeta@34 2=items:[]ResourceClaim@34
        ResourceClaimSpec 1=devices:DeviceClaim@34
        ResourceClaimStatus 1*allocation:AllocationResult@34 2?reservedFor:[]ResourceClaimConsumerReference@34
         4?devices:[]AllocatedDeviceStatus@34
        ResourceClaimTemplate 1?metadata:meta.ObjectMeta@34 2=spec:ResourceClaimTemplateSpec@34
        ResourceClaimTemplateList 1?metadata:meta.ListMeta@34 2=items:[]ResourceClaimTemplate@34
        ResourceClaimTemplateSpec 1?metadata:meta.ObjectMeta@34 2=spec:ResourceClaimSpec@34
        ResourcePool 1=name:s@34 2=generation:l@34 3=resourceSliceCount:l@34
        ResourceSlice 1?metadata:meta.ObjectMeta@34 2=spec:ResourceSliceSpec@34
        ResourceSliceList 1?metadata:meta.ListMeta@34 2=items:[]ResourceSlice@34
        ResourceSliceSpec 1=driver:s@34 2=pool:ResourcePool@34 3*nodeName:s@34 4*nodeSelector:core.NodeSelector@34
         5*allNodes:b@34 6?devices:[]Device@34 7*perDeviceNodeSelection:b@34 8?sharedCounters:[]CounterSet@34
         9*partitionTypeAttribute:s@37 10?skipNodeOperations:[]s@37
        = node/v1
        Overhead 1?podFixed:{}Q
        RuntimeClass 1?metadata:meta.ObjectMeta 2=handler:s 3*overhead:Overhead 4*scheduling:Scheduling
        RuntimeClassList 1?metadata:meta.ListMeta 2=items:[]RuntimeClass
        Scheduling 1?nodeSelector:{}s 2?tolerations:[]core.Toleration
        = coordination/v1
        Lease 1?metadata:meta.ObjectMeta 2?spec:LeaseSpec
        LeaseList 1?metadata:meta.ListMeta 2=items:[]Lease
        LeaseSpec 1*holderIdentity:s 2*leaseDurationSeconds:i 3*acquireTime:U 4*renewTime:U 5*leaseTransitions:i
         6*strategy:s@31 7*preferredHolder:s@31
        = events/v1
        Event 1=metadata:meta.ObjectMeta 2=eventTime:U 3*series:EventSeries 4?reportingController:s
         5?reportingInstance:s 6?action:s 7?reason:s 8?regarding:core.ObjectReference 9*related:core.ObjectReference
         10?note:s 11?type:s 12?deprecatedSource:core.EventSource 13?deprecatedFirstTimestamp:T
         14?deprecatedLastTimestamp:T 15?deprecatedCount:i
        EventList 1?metadata:meta.ListMeta 2=items:[]Event
        EventSeries 1=count:i 2=lastObservedTime:U
        = scheduling/v1alpha3
        AllCompositeDisruptionMode
        AllDisruptionMode
        BasicSchedulingPolicy
        CompositeBasicSchedulingPolicy
        CompositeDisruptionMode 1*single:SingleCompositeDisruptionMode@37 2*all:AllCompositeDisruptionMode@37
        CompositeGangSchedulingPolicy 1=minGroupCount:i@37
        CompositePodGroup 1?metadata:meta.ObjectMeta@37 2=spec:CompositePodGroupSpec@37
         3?status:CompositePodGroupStatus@37
        CompositePodGroupList 1?metadata:meta.ListMeta@37 2=items:[]CompositePodGroup@37
        CompositePodGroupSchedulingConstraints 1?topology:[]TopologyConstraint@37
        CompositePodGroupSchedulingPolicy 1*basic:CompositeBasicSchedulingPolicy@37
         2*gang:CompositeGangSchedulingPolicy@37
        CompositePodGroupSpec 1*parentCompositePodGroupName:s@37 2!workloadRef:WorkloadReference@37
         3=schedulingPolicy:CompositePodGroupSchedulingPolicy@37
         4*schedulingConstraints:CompositePodGroupSchedulingConstraints@37 5*disruptionMode:CompositeDisruptionMode@37
         6?priorityClassName:s@37 7*priority:i@37 8*preemptionPolicy:s@37
        CompositePodGroupStatus 1?conditions:[]meta.Condition@37
        CompositePodGroupTemplate 1=name:s@37 2=schedulingPolicy:CompositePodGroupSchedulingPolicy@37
         3*schedulingConstraints:CompositePodGroupSchedulingConstraints@37 4*disruptionMode:CompositeDisruptionMode@37
         5?priorityClassName:s@37 6*priority:i@37 7*preemptionPolicy:s@37 8?podGroupTemplates:[]PodGroupTemplate@37
         9?compositePodGroupTemplates:[]CompositePodGroupTemplate@37
        DisruptionMode 1*single:SingleDisruptionMode@37 2*all:AllDisruptionMode@37
        GangSchedulingPolicy 1=minCount:i@37
        PodGroup 1?metadata:meta.ObjectMeta@37 2=spec:PodGroupSpec@37 3?status:PodGroupStatus@37
        PodGroupList 1?metadata:meta.ListMeta@37 2=items:[]PodGroup@37
        PodGroupResourceClaim 1=name:s@37 2*resourceClaimName:s@37 3*resourceClaimTemplateName:s@37
        PodGroupResourceClaimStatus 1=name:s@37 2*resourceClaimName:s@37
        PodGroupSchedulingConstraints 1?topology:[]TopologyConstraint@37
        PodGroupSchedulingPolicy 1*basic:BasicSchedulingPolicy@37 2*gang:GangSchedulingPolicy@37
        PodGroupSpec 1*parentCompositePodGroupName:s@37 2*workloadRef:WorkloadReference@37
         3=schedulingPolicy:PodGroupSchedulingPolicy@37 4*schedulingConstraints:PodGroupSchedulingConstraints@37
         5?resourceClaims:[]PodGroupResourceClaim@37 6*disruptionMode:DisruptionMode@37 7?priorityClassName:s@37
         8*priority:i@37 9*preemptionPolicy:s@37
        PodGroupStatus 1?conditions:[]meta.Condition@37 2?resourceClaimStatuses:[]PodGroupResourceClaimStatus@37
        PodGroupTemplate 1=name:s@37 2=schedulingPolicy:PodGroupSchedulingPolicy@37
         3!schedulingConstraints:PodGroupSchedulingConstraints@37 4?resourceClaims:[]PodGroupResourceClaim@37
         5*disruptionMode:DisruptionMode@37 6?priorityClassName:s@37 7*priority:i@37 8*preemptionPolicy:s@37
        SingleCompositeDisruptionMode
        SingleDisruptionMode
        TopologyConstraint 1=key:s@37
        TypedLocalObjectReference 1?apiGroup:s@37 2=kind:s@37 3=name:s@37
        Workload 1?metadata:meta.ObjectMeta@37 2=spec:WorkloadSpec@37
        WorkloadList 1?metadata:meta.ListMeta@37 2=items:[]Workload@37
        WorkloadPodGroupAllDisruptionMode
        WorkloadPodGroupBasicSchedulingPolicy
        WorkloadPodGroupDisruptionMode 1*single:WorkloadPodGroupSingleDisruptionMode@37
         2*all:WorkloadPodGroupAllDisruptionMode@37
        WorkloadPodGroupGangSchedulingPolicy 1*minCount:i@37
        WorkloadPodGroupResourceClaim 1=name:s@37 2*resourceClaimName:s@37 3*resourceClaimTemplateName:s@37
        WorkloadPodGroupSchedulingConstraints 1?topology:[]TopologyConstraint@37
        WorkloadPodGroupSchedulingPolicy 1*basic:WorkloadPodGroupBasicSchedulingPolicy@37
         2*gang:WorkloadPodGroupGangSchedulingPolicy@37
        WorkloadPodGroupSingleDisruptionMode
        WorkloadReference 1=workloadName:s@37 2=templateName:s@37
        WorkloadSpec 1*controllerRef:TypedLocalObjectReference@37 2=podGroupTemplates:[]PodGroupTemplate@37
         3?compositePodGroupTemplates:[]CompositePodGroupTemplate@37
        """#
}
