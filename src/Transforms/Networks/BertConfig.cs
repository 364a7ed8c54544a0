namespace BertMl.Networks;

/// <summary>The shape of a BERT (Devlin et al. 2018), with the defaults of <c>bert-base-uncased</c>; names are those of Hugging Face's config.json.</summary>
public sealed record BertConfig
{
    /// <summary>Rows of the word embedding. Default 30,522.</summary>
    public int VocabSize { get; init; } = 30522;

    /// <summary>Width of a token's representation. Default 768.</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>Number of Transformer layers. Default 12.</summary>
    public int NumHiddenLayers { get; init; } = 12;

    /// <summary>Attention heads of a layer, a divisor of <see cref="HiddenSize"/>. Default 12.</summary>
    public int NumAttentionHeads { get; init; } = 12;

    /// <summary>Width of the feed-forward layer. Default 3,072.</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>Activation of the feed-forward layer. Default <see cref="Activation.Gelu"/>.</summary>
    public Activation HiddenAct { get; init; } = Activation.Gelu;

    /// <summary>Dropout after embeddings and dense layers while learning. Default 0.1.</summary>
    public double HiddenDropoutProb { get; init; } = 0.1;

    /// <summary>Dropout of attention probabilities while learning. Default 0.1.</summary>
    public double AttentionProbsDropoutProb { get; init; } = 0.1;

    /// <summary>Dropout before the classifier; null (the default): <see cref="HiddenDropoutProb"/>.</summary>
    public double? ClassifierDropout { get; init; }

    /// <summary>The longest row of tokens. Default 512.</summary>
    public int MaxPositionEmbeddings { get; init; } = 512;

    /// <summary>Rows of the token type embedding. Default 2.</summary>
    public int TypeVocabSize { get; init; } = 2;

    /// <summary>Standard deviation of the normal distribution that weights start from. Default 0.02.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Epsilon of layer normalization. Default 1e-12.</summary>
    public double LayerNormEps { get; init; } = 1e-12;

    /// <summary>Id of the padding token. Default 0.</summary>
    public int PadTokenId { get; init; }

    /// <summary>Names of the labels, in the order of the head's outputs (<c>id2label</c>); their count is <c>num_labels</c>. Default LABEL_0, LABEL_1.</summary>
    public IReadOnlyList<string> Labels { get; init; } = ["LABEL_0", "LABEL_1"];

    /// <summary>Kind of loss of a sequence classifier; null: decided by the labels' type, as Hugging Face does.</summary>
    public ProblemType? ProblemType { get; init; }

    /// <summary>BERT-Tiny: 2 layers of 128 (Turc et al. 2019). 4,385,920 parameters with the vocabulary of bert-base-uncased.</summary>
    public static BertConfig Tiny => Miniature(2, 128);

    /// <summary>BERT-Mini: 4 layers of 256.</summary>
    public static BertConfig Mini => Miniature(4, 256);

    /// <summary>BERT-Small: 4 layers of 512. 28,763,648 parameters.</summary>
    public static BertConfig Small => Miniature(4, 512);

    /// <summary>BERT-Medium: 8 layers of 512. 41,373,184 parameters.</summary>
    public static BertConfig Medium => Miniature(8, 512);

    /// <summary>BERT-Base: 12 layers of 768. 109,482,240 parameters.</summary>
    public static BertConfig Base => Miniature(12, 768);

    /// <summary>BERT-Large: 24 layers of 1,024. 335,141,888 parameters.</summary>
    public static BertConfig Large => Miniature(24, 1024);

    // All published shapes have heads of 64 features and a feed-forward layer four times as wide.
    private static BertConfig Miniature(int layers, int width) =>
        new()
        {
            NumHiddenLayers = layers,
            HiddenSize = width,
            NumAttentionHeads = width / 64,
            IntermediateSize = 4 * width,
        };
}

/// <summary>Kinds of sequence classification, by Hugging Face's names.</summary>
public enum ProblemType
{
    /// <summary>A number: mean squared error.</summary>
    Regression,

    /// <summary>One of several labels: cross entropy.</summary>
    SingleLabelClassification,

    /// <summary>Any of several labels: binary cross entropy on each logit.</summary>
    MultiLabelClassification,
}
