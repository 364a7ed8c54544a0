namespace BertMl.Torch;

/// <summary>Every architecture against Hugging Face's values, on the tiny networks that are always there.</summary>
[TestClass]
public sealed class NetworkCasesTests
{
    public static IEnumerable<object[]> Networks => from name in NetworkCases.Names from plain in (bool[])[false, true] select new object[] { name, plain };

    public static IEnumerable<object[]> Trained => from name in NetworkCases.Trained from plain in (bool[])[false, true] select new object[] { name, plain };

    [TestMethod]
    [DynamicData(nameof(Networks))]
    public void Hidden_states_attentions_outputs_losses_and_gradients_are_those_of_Hugging_Face(string name, bool plain) =>
        NetworkChecks.CheckValues(NetworkCases.Folder(name), plain);

    [TestMethod]
    [DynamicData(nameof(Trained))]
    public void Five_steps_of_training_are_those_of_PyTorch(string name, bool plain) =>
        NetworkChecks.CheckTraining(NetworkCases.Folder(name), plain, beginsWithCase: false);
}
