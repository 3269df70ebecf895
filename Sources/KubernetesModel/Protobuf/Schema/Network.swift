// swift-format-ignore-file
// Data, not code: how the API groups below are encoded. Read by ProtobufSchema, which says what each sign means.

extension ProtobufSchema {
    static let network = #"""
        = networking/v1
        HTTPIngressPath 1?path:s 2=backend:IngressBackend 3!pathType:s
        HTTPIngressRuleValue 1=paths:[]HTTPIngressPath
        IPAddress 1?metadata:meta.ObjectMeta@33 2?spec:IPAddressSpec@33
        IPAddressList 1?metadata:meta.ListMeta@33 2=items:[]IPAddress@33
        IPAddressSpec 1*parentRef:ParentReference@33
        IPBlock 1=cidr:s 2?except:[]s
        Ingress 1?metadata:meta.ObjectMeta 2?spec:IngressSpec 3?status:IngressStatus
        IngressBackend 3*resource:core.TypedLocalObjectReference 4*service:IngressServiceBackend
        IngressClass 1?metadata:meta.ObjectMeta 2?spec:IngressClassSpec
        IngressClassList 1?metadata:meta.ListMeta 2=items:[]IngressClass
        IngressClassParametersReference 1*apiGroup:s@21 2=kind:s@21 3=name:s@21 4!scope:s@21 5*namespace:s@21
        IngressClassSpec 1?controller:s 2*parameters:IngressClassParametersReference
        IngressList 1?metadata:meta.ListMeta 2=items:[]Ingress
        IngressLoadBalancerIngress 1?ip:s@26 2?hostname:s@26 4?ports:[]IngressPortStatus@26
        IngressLoadBalancerStatus 1?ingress:[]IngressLoadBalancerIngress@26
        IngressPortStatus 1=port:i@26 2=protocol:s@26 3*error:s@26
        IngressRule 1?host:s 2+:IngressRuleValue
        IngressRuleValue 1*http:HTTPIngressRuleValue
        IngressServiceBackend 1=name:s 2?port:ServiceBackendPort
        IngressSpec 1*defaultBackend:IngressBackend 2?tls:[]IngressTLS 3?rules:[]IngressRule 4*ingressClassName:s
        IngressStatus 1?loadBalancer:IngressLoadBalancerStatus
        IngressTLS 1?hosts:[]s 2?secretName:s
        NetworkPolicy 1?metadata:meta.ObjectMeta 2?spec:NetworkPolicySpec 3*status:NetworkPolicyStatus@24
        NetworkPolicyEgressRule 1?ports:[]NetworkPolicyPort 2?to:[]NetworkPolicyPeer
        NetworkPolicyIngressRule 1?ports:[]NetworkPolicyPort 2?from:[]NetworkPolicyPeer
        NetworkPolicyList 1?metadata:meta.ListMeta 2=items:[]NetworkPolicy
        NetworkPolicyPeer 1*podSelector:meta.LabelSelector 2*namespaceSelector:meta.LabelSelector 3*ipBlock:IPBlock
        NetworkPolicyPort 1*protocol:s 2*port:I 3*endPort:i@21
        NetworkPolicySpec 1=podSelector:meta.LabelSelector 2?ingress:[]NetworkPolicyIngressRule
         3?egress:[]NetworkPolicyEgressRule 4?policyTypes:[]s
        NetworkPolicyStatus 1?conditions:[]meta.Condition@24
        ParentReference 1?group:s@33 2?resource:s@33 3?namespace:s@33 4?name:s@33
        ServiceBackendPort 1?name:s 2?number:i
        ServiceCIDR 1?metadata:meta.ObjectMeta@33 2?spec:ServiceCIDRSpec@33 3?status:ServiceCIDRStatus@33
        ServiceCIDRList 1?metadata:meta.ListMeta@33 2=items:[]ServiceCIDR@33
        ServiceCIDRSpec 1?cidrs:[]s@33
        ServiceCIDRStatus 1?conditions:[]meta.Condition@33
        = discovery/v1
        Endpoint 1=addresses:[]s@21 2?conditions:EndpointConditions@21 3*hostname:s@21
         4*targetRef:core.ObjectReference@21 5?deprecatedTopology:{}s@21 6*nodeName:s@21 7*zone:s@21
         8*hints:EndpointHints@21
        EndpointConditions 1*ready:b@21 2*serving:b@21 3*terminating:b@21
        EndpointHints 1?forZones:[]ForZone@21 2?forNodes:[]ForNode@33
        EndpointPort 1*name:s@21 2*protocol:s@21 3*port:i@21 4*appProtocol:s@21
        EndpointSlice 1?metadata:meta.ObjectMeta@21 2=endpoints:[]Endpoint@21 3=ports:[]EndpointPort@21
         4=addressType:s@21
        EndpointSliceList 1?metadata:meta.ListMeta@21 2=items:[]EndpointSlice@21
        ForNode 1=name:s@33
        ForZone 1=name:s@21
        = flowcontrol/v1
        ExemptPriorityLevelConfiguration 1*nominalConcurrencyShares:i@29 2*lendablePercent:i@29
        FlowDistinguisherMethod 1=type:s@29
        FlowSchema 1?metadata:meta.ObjectMeta@29 2?spec:FlowSchemaSpec@29 3?status:FlowSchemaStatus@29
        FlowSchemaCondition 1?type:s@29 2?status:s@29 3?lastTransitionTime:T@29 4?reason:s@29 5?message:s@29
        FlowSchemaList 1?metadata:meta.ListMeta@29 2=items:[]FlowSchema@29
        FlowSchemaSpec 1=priorityLevelConfiguration:PriorityLevelConfigurationReference@29 2=matchingPrecedence:i@29
         3*distinguisherMethod:FlowDistinguisherMethod@29 4?rules:[]PolicyRulesWithSubjects@29
        FlowSchemaStatus 1?conditions:[]FlowSchemaCondition@29
        GroupSubject 1=name:s@29
        LimitResponse 1=type:s@29 2*queuing:QueuingConfiguration@29
        LimitedPriorityLevelConfiguration 1!nominalConcurrencyShares:i@29 2?limitResponse:LimitResponse@29
         3*lendablePercent:i@29 4*borrowingLimitPercent:i@29
        NonResourcePolicyRule 1=verbs:[]s@29 6=nonResourceURLs:[]s@29
        PolicyRulesWithSubjects 1=subjects:[]Subject@29 2?resourceRules:[]ResourcePolicyRule@29
         3?nonResourceRules:[]NonResourcePolicyRule@29
        PriorityLevelConfiguration 1?metadata:meta.ObjectMeta@29 2?spec:PriorityLevelConfigurationSpec@29
         3?status:PriorityLevelConfigurationStatus@29
        PriorityLevelConfigurationCondition 1?type:s@29 2?status:s@29 3?lastTransitionTime:T@29 4?reason:s@29
         5?message:s@29
        PriorityLevelConfigurationList 1?metadata:meta.ListMeta@29 2=items:[]PriorityLevelConfiguration@29
        PriorityLevelConfigurationReference 1=name:s@29
        PriorityLevelConfigurationSpec 1=type:s@29 2*limited:LimitedPriorityLevelConfiguration@29
         3*exempt:ExemptPriorityLevelConfiguration@29
        PriorityLevelConfigurationStatus 1?conditions:[]PriorityLevelConfigurationCondition@29
        QueuingConfiguration 1=queues:i@29 2=handSize:i@29 3=queueLengthLimit:i@29
        ResourcePolicyRule 1=verbs:[]s@29 2=apiGroups:[]s@29 3=resources:[]s@29 4?clusterScope:b@29
         5=namespaces:[]s@29
        ServiceAccountSubject 1=namespace:s@29 2=name:s@29
        Subject 1=kind:s@29 2*user:UserSubject@29 3*group:GroupSubject@29 4*serviceAccount:ServiceAccountSubject@29
        UserSubject 1=name:s@29
        """#
}
