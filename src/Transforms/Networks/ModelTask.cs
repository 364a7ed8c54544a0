namespace BertMl.Networks;

/// <summary>What a model is for, that is: which head it has. Named as Hugging Face's classes are (<c>BertForMaskedLM</c>).</summary>
public enum ModelTask
{
    /// <summary>The encoder and its pooler: <c>BertModel</c>.</summary>
    Base,

    /// <summary>Masked language modelling: <c>BertForMaskedLM</c>.</summary>
    MaskedLM,

    /// <summary>Masked language modelling and next-sentence prediction: <c>BertForPreTraining</c>.</summary>
    PreTraining,

    /// <summary>Does the second sentence follow the first: <c>BertForNextSentencePrediction</c>.</summary>
    NextSentencePrediction,

    /// <summary>A label, several labels or a number for a text or a pair: <c>BertForSequenceClassification</c>.</summary>
    SequenceClassification,

    /// <summary>A label for each token: <c>BertForTokenClassification</c>.</summary>
    TokenClassification,

    /// <summary>The start and the end of an answer within a text: <c>BertForQuestionAnswering</c>.</summary>
    QuestionAnswering,

    /// <summary>One of several continuations: <c>BertForMultipleChoice</c>.</summary>
    MultipleChoice,
}

/// <summary>What a network takes; each is [batch, length] ([batch, choices, length] for multiple choice).</summary>
/// <typeparam name="T">What a value is to the interpreter.</typeparam>
/// <param name="InputIds">Token ids.</param>
/// <param name="AttentionMask">1 for a token, 0 for padding.</param>
/// <param name="TokenTypeIds">0 for the first text, 1 for the second.</param>
public readonly record struct NetworkInputs<T>(T InputIds, T AttentionMask, T TokenTypeIds);

/// <summary>A result of a network, under the name that ONNX exports give it.</summary>
/// <typeparam name="T">What a value is to the interpreter.</typeparam>
/// <param name="Name">"logits", "last_hidden_state", "start_logits" ...</param>
/// <param name="Value">The value.</param>
public readonly record struct NetworkOutput<T>(string Name, T Value);
