// swift-format-ignore-file
// Data, not code: how the API groups below are encoded. Read by ProtobufSchema, which says what each sign means.

extension ProtobufSchema {
    static let access = #"""
        = authentication/v1
        BoundObjectReference 1?kind:s 2?apiVersion:s 3?name:s 4?uid:s
        SelfSubjectReview 1?metadata:meta.ObjectMeta@28 2?status:SelfSubjectReviewStatus@28
        SelfSubjectReviewStatus 1?userInfo:UserInfo@28
        TokenRequest 1?metadata:meta.ObjectMeta 2=spec:TokenRequestSpec 3?status:TokenRequestStatus
        TokenRequestSpec 1=audiences:[]s 3!boundObjectRef:BoundObjectReference 4!expirationSeconds:l
         5?attestations:{}V@37
        TokenRequestStatus 1=token:s 2=expirationTimestamp:T
        TokenReview 1?metadata:meta.ObjectMeta 2=spec:TokenReviewSpec 3?status:TokenReviewStatus
        TokenReviewSpec 1?token:s 2?audiences:[]s
        TokenReviewStatus 1?authenticated:b 2?user:UserInfo 3?error:s 4?audiences:[]s
        UserInfo 1?username:s 2?uid:s 3?groups:[]s 4?extra:{}V
        = authorization/v1
        FieldSelectorAttributes 1?rawSelector:s@31 2?requirements:[]meta.FieldSelectorRequirement@31
        LabelSelectorAttributes 1?rawSelector:s@31 2?requirements:[]meta.LabelSelectorRequirement@31
        LocalSubjectAccessReview 1?metadata:meta.ObjectMeta 2=spec:SubjectAccessReviewSpec
         3?status:SubjectAccessReviewStatus
        NonResourceAttributes 1?path:s 2?verb:s
        NonResourceRule 1=verbs:[]s 2?nonResourceURLs:[]s
        ResourceAttributes 1?namespace:s 2?verb:s 3?group:s 4?version:s 5?resource:s 6?subresource:s 7?name:s
         8*fieldSelector:FieldSelectorAttributes@31 9*labelSelector:LabelSelectorAttributes@31
        ResourceRule 1=verbs:[]s 2?apiGroups:[]s 3?resources:[]s 4?resourceNames:[]s
        SelfSubjectAccessReview 1?metadata:meta.ObjectMeta 2=spec:SelfSubjectAccessReviewSpec
         3?status:SubjectAccessReviewStatus
        SelfSubjectAccessReviewSpec 1*resourceAttributes:ResourceAttributes
         2*nonResourceAttributes:NonResourceAttributes
        SelfSubjectRulesReview 1?metadata:meta.ObjectMeta 2=spec:SelfSubjectRulesReviewSpec
         3?status:SubjectRulesReviewStatus
        SelfSubjectRulesReviewSpec 1?namespace:s
        SubjectAccessReview 1?metadata:meta.ObjectMeta 2=spec:SubjectAccessReviewSpec
         3?status:SubjectAccessReviewStatus
        SubjectAccessReviewSpec 1*resourceAttributes:ResourceAttributes 2*nonResourceAttributes:NonResourceAttributes
         3?user:s 4?groups:[]s 5?extra:{}V 6?uid:s
        SubjectAccessReviewStatus 1=allowed:b 2?reason:s 3?evaluationError:s 4?denied:b
        SubjectRulesReviewStatus 1=resourceRules:[]ResourceRule 2=nonResourceRules:[]NonResourceRule 3=incomplete:b
         4?evaluationError:s
        = rbac/v1
        AggregationRule 1?clusterRoleSelectors:[]meta.LabelSelector
        ClusterRole 1?metadata:meta.ObjectMeta 2=rules:[]PolicyRule 3*aggregationRule:AggregationRule
        ClusterRoleBinding 1?metadata:meta.ObjectMeta 2?subjects:[]Subject 3=roleRef:RoleRef
        ClusterRoleBindingList 1?metadata:meta.ListMeta 2=items:[]ClusterRoleBinding
        ClusterRoleList 1?metadata:meta.ListMeta 2=items:[]ClusterRole
        PolicyRule 1=verbs:[]s 2?apiGroups:[]s 3?resources:[]s 4?resourceNames:[]s 5?nonResourceURLs:[]s
        Role 1?metadata:meta.ObjectMeta 2=rules:[]PolicyRule
        RoleBinding 1?metadata:meta.ObjectMeta 2?subjects:[]Subject 3=roleRef:RoleRef
        RoleBindingList 1?metadata:meta.ListMeta 2=items:[]RoleBinding
        RoleList 1?metadata:meta.ListMeta 2=items:[]Role
        RoleRef 1=apiGroup:s 2=kind:s 3=name:s
        Subject 1=kind:s 2?apiGroup:s 3=name:s 4?namespace:s
        = certificates/v1
        CertificateSigningRequest 1?metadata:meta.ObjectMeta 2=spec:CertificateSigningRequestSpec
         3?status:CertificateSigningRequestStatus
        CertificateSigningRequestCondition 1=type:s 2?reason:s 3?message:s 4?lastUpdateTime:T 5?lastTransitionTime:T
         6=status:s
        CertificateSigningRequestList 1?metadata:meta.ListMeta 2=items:[]CertificateSigningRequest
        CertificateSigningRequestSpec 1=request:y 2?username:s 3?uid:s 4?groups:[]s 5?usages:[]s 6?extra:{}V
         7=signerName:s 8*expirationSeconds:i@22
        CertificateSigningRequestStatus 1?conditions:[]CertificateSigningRequestCondition 2?certificate:y
        ClusterTrustBundle 1?metadata:meta.ObjectMeta@37 2=spec:ClusterTrustBundleSpec@37
        ClusterTrustBundleList 1?metadata:meta.ListMeta@37 2=items:[]ClusterTrustBundle@37
        ClusterTrustBundleSpec 1?signerName:s@37 2=trustBundle:s@37
        PodCertificateRequest 1?metadata:meta.ObjectMeta@37 2=spec:PodCertificateRequestSpec@37
         3?status:PodCertificateRequestStatus@37
        PodCertificateRequestList 1?metadata:meta.ListMeta@37 2=items:[]PodCertificateRequest@37
        PodCertificateRequestSpec 1=signerName:s@37 2=podName:s@37 3=podUID:s@37 4=serviceAccountName:s@37
         5=serviceAccountUID:s@37 6=nodeName:s@37 7=nodeUID:s@37 8*maxExpirationSeconds:i@37
         11?unverifiedUserAnnotations:{}s@37 12=stubPKCS10Request:y@37
        PodCertificateRequestStatus 1?conditions:[]meta.Condition@37 2?certificateChain:s@37 4*notBefore:T@37
         5*beginRefreshAt:T@37 6*notAfter:T@37
        = admissionregistration/v1
        ApplyConfiguration 1?expression:s@36
        AuditAnnotation 1=key:s@30 2=valueExpression:s@30
        ExpressionWarning 2=fieldRef:s@30 3=warning:s@30
        JSONPatch 1?expression:s@36
        MatchCondition 1=name:s@27 2=expression:s@27
        MatchResources 1*namespaceSelector:meta.LabelSelector@30 2*objectSelector:meta.LabelSelector@30
         3?resourceRules:[]NamedRuleWithOperations@30 4?excludeResourceRules:[]NamedRuleWithOperations@30
         7*matchPolicy:s@30
        MutatingAdmissionPolicy 1?metadata:meta.ObjectMeta@36 2?spec:MutatingAdmissionPolicySpec@36
        MutatingAdmissionPolicyBinding 1?metadata:meta.ObjectMeta@36 2?spec:MutatingAdmissionPolicyBindingSpec@36
        MutatingAdmissionPolicyBindingList 1?metadata:meta.ListMeta@36 2=items:[]MutatingAdmissionPolicyBinding@36
        MutatingAdmissionPolicyBindingSpec 1?policyName:s@36 2*paramRef:ParamRef@36 3*matchResources:MatchResources@36
        MutatingAdmissionPolicyList 1?metadata:meta.ListMeta@36 2=items:[]MutatingAdmissionPolicy@36
        MutatingAdmissionPolicySpec 1*paramKind:ParamKind@36 2*matchConstraints:MatchResources@36
         3?variables:[]Variable@36 4?mutations:[]Mutation@36 5*failurePolicy:s@36
         6?matchConditions:[]MatchCondition@36 7?reinvocationPolicy:s@36
        MutatingWebhook 1=name:s 2=clientConfig:WebhookClientConfig 3?rules:[]RuleWithOperations 4*failurePolicy:s
         5*namespaceSelector:meta.LabelSelector 6!sideEffects:s 7*timeoutSeconds:i 8=admissionReviewVersions:[]s
         9*matchPolicy:s 10*reinvocationPolicy:s 11*objectSelector:meta.LabelSelector
         12?matchConditions:[]MatchCondition@27
        MutatingWebhookConfiguration 1?metadata:meta.ObjectMeta 2?webhooks:[]MutatingWebhook
        MutatingWebhookConfigurationList 1?metadata:meta.ListMeta 2=items:[]MutatingWebhookConfiguration
        Mutation 2=patchType:s@36 3*applyConfiguration:ApplyConfiguration@36 4*jsonPatch:JSONPatch@36
        NamedRuleWithOperations 1?resourceNames:[]s@30 2+:RuleWithOperations@30
        ParamKind 1?apiVersion:s@30 2?kind:s@30
        ParamRef 1?name:s@30 2?namespace:s@30 3*selector:meta.LabelSelector@30 4*parameterNotFoundAction:s@30
        Rule 1?apiGroups:[]s 2?apiVersions:[]s 3?resources:[]s 4*scope:s
        RuleWithOperations 1?operations:[]s 2+:Rule
        ServiceReference 1=namespace:s 2=name:s 3*path:s 4*port:i
        TypeChecking 1?expressionWarnings:[]ExpressionWarning@30
        ValidatingAdmissionPolicy 1?metadata:meta.ObjectMeta@30 2?spec:ValidatingAdmissionPolicySpec@30
         3?status:ValidatingAdmissionPolicyStatus@30
        ValidatingAdmissionPolicyBinding 1?metadata:meta.ObjectMeta@30 2?spec:ValidatingAdmissionPolicyBindingSpec@30
        ValidatingAdmissionPolicyBindingList 1?metadata:meta.ListMeta@30 2=items:[]ValidatingAdmissionPolicyBinding@30
        ValidatingAdmissionPolicyBindingSpec 1?policyName:s@30 2*paramRef:ParamRef@30
         3*matchResources:MatchResources@30 4?validationActions:[]s@30
        ValidatingAdmissionPolicyList 1?metadata:meta.ListMeta@30 2=items:[]ValidatingAdmissionPolicy@30
        ValidatingAdmissionPolicySpec 1*paramKind:ParamKind@30 2*matchConstraints:MatchResources@30
         3?validations:[]Validation@30 4*failurePolicy:s@30 5?auditAnnotations:[]AuditAnnotation@30
         6?matchConditions:[]MatchCondition@30 7?variables:[]Variable@30
        ValidatingAdmissionPolicyStatus 1?observedGeneration:l@30 2*typeChecking:TypeChecking@30
         3?conditions:[]meta.Condition@30
        ValidatingWebhook 1=name:s 2=clientConfig:WebhookClientConfig 3?rules:[]RuleWithOperations 4*failurePolicy:s
         5*namespaceSelector:meta.LabelSelector 6!sideEffects:s 7*timeoutSeconds:i 8=admissionReviewVersions:[]s
         9*matchPolicy:s 10*objectSelector:meta.LabelSelector 11?matchConditions:[]MatchCondition@27
        ValidatingWebhookConfiguration 1?metadata:meta.ObjectMeta 2?webhooks:[]ValidatingWebhook
        ValidatingWebhookConfigurationList 1?metadata:meta.ListMeta 2=items:[]ValidatingWebhookConfiguration
        Validation 1=expression:s@30 2?message:s@30 3*reason:s@30 4?messageExpression:s@30
        Variable 1=name:s@30 2=expression:s@30
        WebhookClientConfig 1*service:ServiceReference 2?caBundle:y 3*url:s
        """#
}
